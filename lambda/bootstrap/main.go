// Command bootstrap is the function that AWS Lambda starts.
package main

import (
	"os"

	"github.com/sluice-lake/sluice/lambda"
)

func main() {
	os.Exit(lambda.Main(os.Getenv, os.Stdout, os.Stderr))
}
