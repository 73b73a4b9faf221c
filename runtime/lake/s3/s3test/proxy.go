package s3test

import (
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Weather is what a Proxy does to connections. The zero value does nothing.
type Weather struct {
	// Latency is added before the first byte of each direction.
	Latency time.Duration
	// UpBytes, if not 0, resets a connection after that many bytes to the server;
	// DownBytes ends it, as an early end of the stream, after that many bytes from it.
	UpBytes, DownBytes int64
	// Rate, if not 0, is the number of bytes per second in each direction.
	Rate int64
	// Times, if not 0, is the number of connections after which the weather clears.
	Times int64
	// Refuse ends connections before they carry any data.
	Refuse bool
}

// Proxy forwards to a server and makes the weather.
type Proxy struct {
	URL string

	target   string
	listener net.Listener
	weather  atomic.Pointer[Weather]
	spoilt   atomic.Int64
	open     sync.Map
}

// NewProxy starts a proxy for the server of this URL. It ends with the test.
func NewProxy(t testing.TB, url string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, target, _ := strings.Cut(url, "://")
	p := &Proxy{URL: strings.TrimSuffix(url, target) + l.Addr().String(), target: target, listener: l}
	p.Set(Weather{})
	go p.accept()
	t.Cleanup(func() {
		l.Close()
		p.cut()
	})
	return p
}

// Set changes the weather for new connections, and cuts the existing ones.
func (p *Proxy) Set(w Weather) {
	p.spoilt.Store(0)
	p.weather.Store(&w)
	p.cut()
}

// Spoilt returns the number of connections that this weather affected.
func (p *Proxy) Spoilt() int64 { return p.spoilt.Load() }

func (p *Proxy) cut() {
	p.open.Range(func(c, _ any) bool {
		c.(net.Conn).Close()
		return true
	})
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		w := *p.weather.Load()
		if n := p.spoilt.Add(1); w.Times > 0 && n > w.Times {
			w = Weather{}
		}
		if w.Refuse {
			reset(c)
			continue
		}
		go p.carry(c, w)
	}
}

func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // so that Close resets
	}
	c.Close()
}

func (p *Proxy) carry(client net.Conn, w Weather) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		reset(client)
		return
	}
	p.open.Store(client, nil)
	p.open.Store(server, nil)
	both := func() {
		reset(client)
		reset(server)
		p.open.Delete(client)
		p.open.Delete(server)
	}
	go func() {
		copySome(server, client, w, w.UpBytes)
		both()
	}()
	copySome(client, server, w, w.DownBytes)
	client.Close() // a reset would take back what the client has not read yet
	both()
}

// copySome copies up to limit bytes, or all, at the rate of the weather.
func copySome(to, from net.Conn, w Weather, limit int64) {
	time.Sleep(w.Latency)
	buf := make([]byte, 16<<10)
	for sent := int64(0); ; {
		n, err := from.Read(buf)
		if limit > 0 && sent+int64(n) >= limit {
			_, _ = to.Write(buf[:limit-sent])
			return
		}
		if _, werr := to.Write(buf[:n]); werr != nil || err != nil {
			return
		}
		sent += int64(n)
		if w.Rate > 0 {
			time.Sleep(time.Duration(n) * time.Second / time.Duration(w.Rate))
		}
	}
}
