package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// needs gives the right that a call of the code needs, on the object or bucket
// that it names.
var needs = map[string]string{
	"s3 GetObject": "s3:GetObject", "s3 HeadObject": "s3:GetObject", "s3 ListObjectsV2": "s3:ListBucket",
	"s3 PutObject": "s3:PutObject", "s3 DeleteObject": "s3:DeleteObject", "s3 CreateMultipartUpload": "s3:PutObject", "s3 UploadPart": "s3:PutObject",
	"s3 CompleteMultipartUpload": "s3:PutObject", "s3 AbortMultipartUpload": "s3:AbortMultipartUpload",
	"sts AssumeRole":         "sts:AssumeRole",
	"sqs GetQueueAttributes": "sqs:GetQueueAttributes", "sqs ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility", "sqs SendMessage": "sqs:SendMessage",
}

// onBehalf are rights for calls that AWS makes with the role: Lambda reads the
// queue and writes the log, S3 uses the keys.
var onBehalf = map[string]string{
	"logs CreateLogStream": "logs:CreateLogStream", "logs PutLogEvents": "logs:PutLogEvents",
	"sqs ReceiveMessage": "sqs:ReceiveMessage", "sqs DeleteMessage": "sqs:DeleteMessage",
	"xray PutTraceSegments": "xray:PutTraceSegments", "xray PutTelemetryRecords": "xray:PutTelemetryRecords",
	"kms Decrypt": "kms:Decrypt", "kms GenerateDataKey": "kms:GenerateDataKey",
}

// sources is what the checker needs to know of the program.
type sources struct {
	calls     map[string]string // `s3 GetObject` to its place in the code
	variables map[string]bool   // of the environment, as the function reads them
	texts     map[string]bool   // every text in the code of the function and of its settings
}

var variable = regexp.MustCompile(`^(SLUICE_[A-Z_]+|AWS_BUCKET|SOURCE_LOCATION|ACCOUNT_ID|REGION|S3_BUCKET_OCSF|OCSF_CLASS|ROLE_ARN|EXTERNAL_ID)$`)

// commandLine is the code for AWS that the command line alone has: `sluice source` and
// `sluice doctor`. Who runs these needs the rights, and not the function.
var commandLine = []string{"runtime/securitylake/", "runtime/deployment/", "runtime/lake/s3/probe.go"}

// read goes through the Go files of the module in dir, without its tests and
// the modules inside it.
func read(dir string) (*sources, error) {
	s := &sources{map[string]string{}, map[string]bool{}, map[string]bool{}}
	for _, folder := range []string{"engine", "runtime", "lambda"} {
		err := filepath.WalkDir(filepath.Join(dir, folder), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			if inside, err := filepath.Rel(dir, path); err != nil || slices.ContainsFunc(commandLine, func(p string) bool { return strings.HasPrefix(filepath.ToSlash(inside), p) }) {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			s.look(path, file, folder == "lambda" || filepath.Base(filepath.Dir(path)) == "settings")
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// look takes a call for what it is given: each operation of the SDK has a type
// for its input, which only a call of it makes.
func (s *sources) look(path string, file *ast.File, function bool) {
	services := map[string]string{}
	for _, i := range file.Imports {
		imported, _ := strconv.Unquote(i.Path.Value)
		rest, ok := strings.CutPrefix(imported, "github.com/aws/aws-sdk-go-v2/")
		if !ok {
			continue
		}
		name := rest[strings.LastIndex(rest, "/")+1:]
		local := name
		if i.Name != nil {
			local = i.Name.Name
		}
		services[local] = name
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if commandLineOnly(n) {
			return false
		}
		if lit, ok := n.(*ast.BasicLit); ok && function && lit.Kind == token.STRING {
			text, _ := strconv.Unquote(lit.Value)
			s.texts[text] = true
			if variable.MatchString(text) {
				s.variables[text] = true
			}
		}
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && services[x.Name] != "" {
				s.call(services[x.Name], sel.Sel.Name, path)
			}
		}
		return true
	})
}

// commandLineOnly reports whether a node is a variable that only the command line has.
func commandLineOnly(n ast.Node) bool {
	lit, ok := n.(*ast.CompositeLit)
	return ok && slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		key, isKey := pair.Key.(*ast.Ident)
		door, isDoor := pair.Value.(*ast.Ident)
		return isKey && isDoor && key.Name == "Doors" && door.Name == "CommandLine"
	})
}

func (s *sources) call(service, name, path string) {
	if service == "stscreds" && strings.HasPrefix(name, "NewAssumeRole") {
		s.calls["sts AssumeRole"] = path
	}
	if operation, ok := strings.CutSuffix(name, "Input"); ok {
		s.calls[service+" "+operation] = path
	}
}

// calls compares what the code calls with what rights.go tries.
func (t *template) calls(s *sources) {
	tried := map[string]bool{}
	for _, scenario := range scenarios {
		for _, try := range scenario.tries {
			tried[try.action] = tried[try.action] || try.by != ""
		}
	}
	for _, call := range slices.Sorted(maps.Keys(s.calls)) {
		if right, ok := needs[call]; !ok || !tried[right] {
			t.found.addLine(0, "the code makes the call %s (%s), and no scenario tries its right: tell calls.go which it needs, and rights.go what must allow it", call, s.calls[call])
		}
	}
	for _, call := range slices.Sorted(maps.Keys(needs)) {
		if s.calls[call] == "" {
			t.found.addLine(0, "the code makes the call %s no more: take it out of calls.go, and its right out of the template if nothing else needs it", call)
		}
	}
}

// environment compares the variables of the function with those that its code
// reads.
func (t *template) environment(s *sources) {
	for _, f := range t.ofType("AWS::Lambda::Function") {
		given := t.properties(f).at("Environment", "Variables")
		for _, name := range given.keys {
			if !s.reads(name) {
				t.found.add(given.fields[name], "%s gives the function %s, which its code does not read: take it out", f, name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(s.variables)) {
			if !gives(given, name) {
				t.found.add(given, "%s does not give the function %s, which its code reads: make it a parameter", f, name)
			}
		}
	}
}

// reads reports whether the code reads a variable: by its name, or as one of those
// that begin with a name that ends in _.
func (s *sources) reads(variable string) bool {
	for name := range s.variables {
		if strings.HasSuffix(name, "_") && strings.HasPrefix(variable, name) {
			return true
		}
	}
	return s.variables[variable]
}

// gives reports whether a variable is among those given, or any that begins with
// it where it ends in _.
func gives(given *value, variable string) bool {
	return given.at(variable) != nothing || strings.HasSuffix(variable, "_") &&
		slices.ContainsFunc(given.keys, func(name string) bool { return strings.HasPrefix(name, variable) })
}

// counted checks that the alarms on the function's own metrics watch what the code counts,
// and that there is one for each way to stop in silence.
func (t *template) counted(s *sources) {
	missing := map[string]bool{"Rejected": true, "ObjectsFailed": true, "RecordsIn": true, "MappingFailures": true, "CollectLag": true}
	for _, name := range t.ofType("AWS::CloudWatch::Alarm") {
		p := t.properties(name)
		if strings.HasPrefix(p.at("Namespace").text, "AWS/") {
			continue
		}
		delete(missing, p.at("MetricName").text)
		texts := []*value{p.at("Namespace"), p.at("MetricName")}
		for _, d := range p.at("Dimensions").items {
			texts = append(texts, d.at("Name"))
		}
		for _, v := range texts {
			if !s.texts[v.text] {
				t.found.add(v, "%s watches %q, and that stands nowhere in the code of the function: it would never see a number", name, v.text)
			}
		}
	}
	for _, metric := range slices.Sorted(maps.Keys(missing)) {
		t.found.addLine(1, "no alarm watches the metric %s: make one", metric)
	}
}
