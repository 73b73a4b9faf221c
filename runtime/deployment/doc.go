// Package deployment asks AWS what a deployed function consists of: the function with its
// environment, what calls it, its queues, the table of a custom source, and a key. It
// changes nothing.
//
// Its few requests are signed and sent here, and not by clients of these services, which
// are large. The function has nothing of it.
package deployment
