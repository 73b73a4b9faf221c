package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode"
)

// The Terraform module creates the stack from the template itself, so the two cannot
// differ in more than their parameters; and the module's are made from the template's.
const terraformHead = `# Made from cloudformation.yaml: go run . -write, in deploy/check. Do not edit.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.0"
    }
  }
}

variable "stack_name" {
  type        = string
  description = "Name of the stack"
  default     = "sluice"
}

variable "tags" {
  type        = map(string)
  description = "Tags of everything that the stack creates"
  default     = {}
}
`

// terraform returns the module for the template.
func (t *template) terraform() []byte {
	var b bytes.Buffer
	b.WriteString(terraformHead)
	parameters, outputs := t.root.at("Parameters"), t.root.at("Outputs")
	for _, name := range parameters.keys {
		writeVariable(&b, name, parameters.fields[name])
	}
	writeRelease(&b, parameters)
	b.WriteString("\nresource \"aws_cloudformation_stack\" \"sluice\" {\n  name          = var.stack_name\n  template_body = file(\"${path.module}/../cloudformation.yaml\")\n" +
		"  capabilities  = [\"CAPABILITY_IAM\"]\n  tags          = var.tags\n\n  parameters = {\n")
	width := 0
	for _, name := range parameters.keys {
		width = max(width, len(name))
	}
	for _, name := range parameters.keys {
		of := "var." + snake(name)
		if name == release {
			of = "local." + snake(name)
		}
		fmt.Fprintf(&b, "    %-*s = %s\n", width, name, of)
	}
	b.WriteString("  }\n}\n")
	for _, name := range outputs.keys {
		fmt.Fprintf(&b, "\noutput %q {\n  description = %s\n  value       = aws_cloudformation_stack.sluice.outputs[%q]\n}\n", snake(name), hcl(outputs.fields[name].at("Description").text), name)
	}
	return b.Bytes()
}

// listType is the type of a parameter whose value is texts with commas between. Demands on it
// are demands on each.
const listType = "CommaDelimitedList"

// release is the parameter that must change for a version to be published. Terraform knows
// when that is: when any other does.
const release = "Release"

func writeRelease(b *bytes.Buffer, parameters *value) {
	var others []string
	for _, name := range parameters.keys {
		if name != release && name != "RollbackVersion" {
			others = append(others, "var."+snake(name))
		}
	}
	fmt.Fprintf(b, "\nlocals {\n  release = var.release != \"\" ? var.release : substr(sha256(jsonencode([%s])), 0, 16)\n}\n", strings.Join(others, ", "))
}

func writeVariable(b *bytes.Buffer, name string, p *value) {
	kind, literal := "string", hcl
	if p.at("Type").text == "Number" {
		kind, literal = "number", func(text string) string { return text }
	}
	variable := "var." + snake(name)
	fmt.Fprintf(b, "\nvariable %q {\n  type        = %s\n  description = %s\n", snake(name), kind, hcl(p.at("Description").text))
	if d := p.at("Default"); d != nothing {
		fmt.Fprintf(b, "  default     = %s\n", literal(d.text))
	}
	demand := func(condition, says string) {
		fmt.Fprintf(b, "\n  validation {\n    condition     = %s\n    error_message = %s\n  }\n", condition, hcl(name+" must "+says+"."))
	}
	if allowed := p.at("AllowedValues").items; len(allowed) > 0 {
		var values, said []string
		for _, v := range allowed {
			values, said = append(values, literal(v.text)), append(said, v.text)
		}
		demand("contains(["+strings.Join(values, ", ")+"], "+variable+")", "be one of "+strings.Join(said, ", "))
	}
	if pattern := p.at("AllowedPattern").text; pattern != "" {
		fits, says := func(text string) string { return "can(regex(" + hcl("^(?:"+pattern+")$") + ", " + text + "))" }, "match "+pattern
		if p.at("Type").text == listType {
			demand("alltrue([for item in split(\",\", "+variable+") : "+fits("item")+"])", "have items between commas that "+says)
		} else {
			demand(fits(variable), says)
		}
	}
	for _, bound := range []struct{ key, of, operator, says string }{
		{"MinValue", variable, ">=", "be at least "}, {"MaxValue", variable, "<=", "be at most "},
		{"MinLength", "length(" + variable + ")", ">=", "have a length of at least "}, {"MaxLength", "length(" + variable + ")", "<=", "have a length of at most "},
	} {
		if v := p.at(bound.key); v != nothing {
			demand(bound.of+" "+bound.operator+" "+v.text, bound.says+v.text)
		}
	}
	b.WriteString("}\n")
}

// hcl is a text as HCL has it, in which ${ and %{ would begin a template.
func hcl(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(text))
}

// snake is a name of CloudFormation as Terraform has it: S3BucketOcsf is s3_bucket_ocsf.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// module writes the Terraform module for a template, or compares it with what is there.
func module(template, file string, write bool) ([]finding, error) {
	t, err := load(template)
	if err != nil {
		return nil, err
	}
	made := t.terraform()
	if write {
		return nil, os.WriteFile(file, made, 0o644)
	}
	found := findings{file: file}
	if text, err := os.ReadFile(file); err != nil || !bytes.Equal(text, made) {
		found.addLine(1, "it is not made from the template as it is now: run `go run . -write` in deploy/check")
	}
	return found.sorted(), nil
}
