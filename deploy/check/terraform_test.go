package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The module has a variable for each parameter, of its type, with its default and its
// demands, and gives all of them to the stack.
func TestTerraformHasTheParametersOfTheTemplate(t *testing.T) {
	tmpl, err := load("../cloudformation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../terraform/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string]string{}
	for _, block := range regexp.MustCompile(`(?ms)^variable "(\w+)" \{\n(.*?)^\}`).FindAllStringSubmatch(string(text), -1) {
		blocks[block[1]] = block[2]
	}
	parameters := tmpl.root.at("Parameters")
	if len(blocks) != len(parameters.keys)+2 {
		t.Errorf("%d variables for %d parameters", len(blocks), len(parameters.keys))
	}
	for _, name := range parameters.keys {
		p, block := parameters.fields[name], blocks[snake(name)]
		if p.at("Default") == nothing == strings.Contains(block, "default ") {
			t.Errorf("%s has another default", name)
		}
		for _, key := range []string{"AllowedPattern", "AllowedValues", "MinValue", "MaxValue", "MinLength", "MaxLength"} {
			if p.at(key) != nothing && !strings.Contains(block, "validation {") {
				t.Errorf("%s is not validated for its %s", name, key)
			}
		}
		if list := p.at("Type").text == listType; list != strings.Contains(block, `split(",", var.`+snake(name)+`)`) {
			t.Errorf("%s: a list is demanded as a whole, or a text in parts", name)
		}
		if !regexp.MustCompile(`(?m)^    ` + name + ` += (var|local)\.` + snake(name) + `$`).Match(text) {
			t.Errorf("%s is not given to the stack", name)
		}
	}
	for _, name := range tmpl.root.at("Outputs").keys {
		if !strings.Contains(string(text), `outputs["`+name+`"]`) {
			t.Errorf("there is no output %s", name)
		}
	}
	for _, open := range regexp.MustCompile(`[$%]+\{`).FindAllString(string(text), -1) {
		if len(open)%2 == 0 && open != "${" || open == "%{" {
			t.Errorf("%s begins a template", open)
		}
	}
}

// What is not made from the template is found.
func TestTerraformThatIsOld(t *testing.T) {
	const template = "../cloudformation.yaml"
	file := filepath.Join(t.TempDir(), "main.tf")
	if found, err := module(template, file, false); len(found) != 1 || err != nil {
		t.Errorf("no module: %v, %v", found, err)
	}
	if found, err := module(template, file, true); len(found) > 0 || err != nil {
		t.Fatal(found, err)
	}
	if found, err := module(template, file, false); len(found) > 0 || err != nil {
		t.Error(found, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "= 512", "= 256", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err := module(template, file, false); len(found) != 1 || err != nil {
		t.Errorf("another default: %v, %v", found, err)
	}
}

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{"S3BucketOcsf": "s3_bucket_ocsf", "AwsBucket": "aws_bucket", "Region": "region", "RawKmsKeyArn": "raw_kms_key_arn"} {
		if got := snake(name); got != want {
			t.Errorf("%s is %s, not %s", name, got, want)
		}
	}
}
