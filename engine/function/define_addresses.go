package function

var addressFunctions = []Function{
	{Name: "isIP", Takes: takes(aValue("text")), Yields: Bool, Call: isIP,
		Means:   "whether it is an IP address",
		Example: `isIP("192.0.2.7")`, Gives: `true`},
	{Name: "isIPv4", Takes: takes(aValue("text")), Yields: Bool, Call: isIPv4,
		Means:   "whether it is an IPv4 address",
		Example: `isIPv4("::1")`, Gives: `false`},
	{Name: "isIPv6", Takes: takes(aValue("text")), Yields: Bool, Call: isIPv6,
		Means:   "whether it is an IPv6 address",
		Example: `isIPv6("::1")`, Gives: `true`},
	{Name: "isPrivate", Takes: takes(aValue("ip")), Yields: Bool, Call: isPrivate,
		Means:   "whether it is an address of a private network",
		Example: `isPrivate("10.1.2.3")`, Gives: `true`},
	{Name: "inCIDR", Takes: takes(aValue("ip"), aValue("networks")), Yields: Bool, Call: inCIDR, Prepare: prepareCIDR,
		Means:   "whether the address is in the network, or in one of a list of networks",
		Example: `inCIDR("10.1.2.3", ["10.0.0.0/8", "fd00::/8"])`, Gives: `true`},
}

var fallbackFunctions = []Function{
	{Name: "type", Takes: takes(aValue("value")), Yields: Text, Lenient: true, Call: typeName, Flow: Tests,
		Means:   "the kind of the value, as a word",
		Example: `type(nil)`, Gives: `"nil"`},
}
