// Package function is what the operators and functions of expressions do. Each
// is a Function from values to a value. Functions are pure: the same arguments
// give the same result every time. They are bounded by a Machine, which counts
// their steps and memory; beyond the limits they fail. Their errors quote nothing
// of the arguments.
//
// A Function is also all that is said of it: parameters, kinds, meaning, an example.
// The manual, the schema for editors and the faults of wrong calls are made from it.
//
// Absence, text that is a number, and single values where a list is expected
// mean what the documentation of package expression says.
package function
