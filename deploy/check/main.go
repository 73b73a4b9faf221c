package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	template := flag.String("template", "../cloudformation.yaml", "the template to judge")
	readme := flag.String("readme", "../README.md", "the text whose table of rights is compared with it")
	source := flag.String("source", "../..", "the module whose calls need the rights")
	terraform := flag.String("terraform", "../terraform/main.tf", "the Terraform module that is made from it")
	write := flag.Bool("write", false, "make the Terraform module")
	flag.Parse()
	found, err := run(*template, *readme, *source)
	if err == nil {
		var more []finding
		more, err = module(*template, *terraform, *write)
		found = append(found, more...)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	for _, f := range found {
		fmt.Println(f)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
}

func run(template, readme, source string) ([]finding, error) {
	s, err := read(source)
	if err != nil {
		return nil, err
	}
	return check(template, readme, s)
}

// check makes all findings.
func check(template, readme string, s *sources) ([]finding, error) {
	t, err := load(template)
	if err != nil {
		return nil, err
	}
	t.rules()
	t.rights()
	t.calls(s)
	t.environment(s)
	t.counted(s)
	if err := t.readme(readme, s); err != nil {
		return nil, err
	}
	return t.found.sorted(), nil
}
