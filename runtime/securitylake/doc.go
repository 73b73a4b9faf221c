// Package securitylake registers custom sources in Amazon Security Lake, and removes them.
//
//	Source ─► Calls: what would be requested, with the policies
//	       └► Create: the crawler's role, then the source, whose provider role Security Lake makes
//
// It rests on the documentation of AWS and on the SDK: its tests talk to a server of
// their own that accepts the requests which the documentation describes. Only AWS can
// show whether a role has the rights that the crawler needs.
package securitylake
