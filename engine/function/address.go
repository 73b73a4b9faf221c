package function

import (
	"errors"
	"net/netip"

	"github.com/sluice-lake/sluice/engine/alert"
)

// maxAddress is longer than any spelling of a network.
const maxAddress = 64

// address reads an IP address. It rejects one with a zone, which names an
// interface of one machine.
func address(v alert.Value) (netip.Addr, bool) {
	if v.Kind != alert.Text || len(v.Text) > maxAddress {
		return netip.Addr{}, false
	}
	ip, ok := ParseAddress(v.Text)
	return ip, ok && ip.Zone() == ""
}

// ParseAddress reads an IP address as netip.ParseAddr does. That makes an error for each text
// that is not an address, and most of these have a byte that shows it.
func ParseAddress(s string) (netip.Addr, bool) {
	separated := false
	for i := 0; i < len(s) && s[i] != '%'; i++ {
		switch c := s[i]; {
		case c == '.' || c == ':':
			separated = true
		case c-'0' < 10 || c|0x20-'a' < 6:
		default:
			return netip.Addr{}, false
		}
	}
	if !separated {
		return netip.Addr{}, false
	}
	ip, err := netip.ParseAddr(s)
	return ip, err == nil
}

func isIP(_ *Machine, args []alert.Value) (alert.Value, error) {
	_, ok := address(args[0])
	return alert.OfBool(ok), nil
}

func isIPv4(_ *Machine, args []alert.Value) (alert.Value, error) {
	ip, ok := address(args[0])
	return alert.OfBool(ok && ip.Is4()), nil
}

func isIPv6(_ *Machine, args []alert.Value) (alert.Value, error) {
	ip, ok := address(args[0])
	return alert.OfBool(ok && ip.Is6()), nil
}

var errNetwork = errors.New("inCIDR needs networks such as 10.0.0.0/8 or fd00::/8: one, or a list of them")

// network reads a CIDR. An address without a prefix length is a network of one.
func network(v alert.Value) (netip.Prefix, error) {
	if ip, ok := address(v); ok {
		return ip.Prefix(ip.BitLen())
	}
	if v.Kind != alert.Text || len(v.Text) > maxAddress {
		return netip.Prefix{}, errNetwork
	}
	p, err := netip.ParsePrefix(v.Text)
	if err != nil {
		return netip.Prefix{}, errNetwork
	}
	return p, nil
}

// networks visits one network or a list of them, and skips absent ones.
func (m *Machine) networks(v alert.Value, visit func(netip.Prefix) bool) error {
	if v.Kind != alert.List {
		p, err := network(v)
		if err == nil {
			visit(p)
		}
		return err
	}
	if err := m.Reads(len(v.Text)); err != nil {
		return err
	}
	for it := v.ItemsIn(m.Arena); it.Next(); {
		if err := m.Step(1); err != nil {
			return err
		}
		if it.Value().Kind == alert.Nil {
			continue
		}
		p, err := network(it.Value())
		if err != nil {
			return err
		}
		if visit(p) {
			return nil
		}
	}
	return nil
}

func prepareCIDR(args []*alert.Value) (*Function, int, error) {
	if args[1] == nil || args[1].Kind == alert.Nil {
		return nil, 0, nil
	}
	var all []netip.Prefix
	err := new(Machine).networks(*args[1], func(p netip.Prefix) bool {
		all = append(all, p)
		return false
	})
	if err != nil {
		return nil, 1, err
	}
	return &Function{Name: "inCIDR", Yields: Bool, Call: func(_ *Machine, args []alert.Value) (alert.Value, error) {
		ip, ok := address(args[0])
		for _, p := range all {
			if ok && p.Contains(ip.Unmap()) || ok && p.Contains(ip) {
				return alert.OfBool(true), nil
			}
		}
		return alert.OfBool(false), nil
	}}, 0, nil
}

// inCIDR treats an IPv4 address inside an IPv6 one as the IPv4 address. What is
// not an address is in no network.
func inCIDR(m *Machine, args []alert.Value) (alert.Value, error) {
	ip, ok := address(args[0])
	found := false
	err := m.networks(args[1], func(p netip.Prefix) bool {
		found = ok && (p.Contains(ip.Unmap()) || p.Contains(ip))
		return found
	})
	return alert.OfBool(found && err == nil), err
}
