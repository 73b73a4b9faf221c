// Package glue describes the files of a mapping as AWS Glue and Athena see them:
// the columns of their table, the statement that creates it, and which changes of
// a mapping break a table that exists.
package glue
