// Package function is what the operators and functions of expressions do. Each
// is a Function from values to a value. Functions are pure: the same arguments
// give the same result every time. They are bounded by a Machine, which counts
// their steps and memory; beyond the limits they fail. Their errors quote nothing
// of the arguments.
//
// Absence, text that is a number, and single values where a list is expected
// mean what the documentation of package expression says.
package function
