// Command bootstrap is the function that AWS Lambda starts.
//
//	bootstrap fill-cache MAPPINGS CACHE
//
// compiles the WebAssembly modules of a folder of mappings into a cache folder
// instead, for the zip: a compiled module works only in the program that made it.
package main

import (
	"os"

	"github.com/sluice-lake/sluice/lambda"
)

func main() {
	if len(os.Args) == 4 && os.Args[1] == "fill-cache" {
		os.Exit(lambda.FillCache(os.Args[2], os.Args[3], os.Stderr))
	}
	os.Exit(lambda.Main(os.Getenv, os.Stdout, os.Stderr))
}
