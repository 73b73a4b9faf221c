package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/table"
	"github.com/sluice-lake/sluice/runtime/table/glue"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

type schemaFlags struct {
	version       string
	jsonSchema    string
	parquet, glue bool
	sources, json bool
	location      string
}

// defaultVersion is the OCSF version that the shipped mappings are of.
const defaultVersion = "1.1.0"

func (a *app) newSchema() *cobra.Command {
	var f schemaFlags
	cmd := &cobra.Command{
		Use:   "schema [flags] [CLASS[.PATH]]",
		Short: "Print a class or object of OCSF, or the schema that a mapping gives its files",
		Long: `Schema prints the attributes of a class, of an object, or of what a path leads
to: name, type, requirement, values, profile and caption. Without a name it
lists the classes.

With --parquet it prints the schema of a mapping's files, with --glue the
statement that makes their table in Athena. --sources lists the custom sources
that mappings fill, and the class with which to register each in Security Lake.
--json-schema mapping prints a JSON
Schema of the mapping language, with which editors complete and explain
attributes as you write; --json-schema tests that of test files.

Without -m and --class it uses the mapping that run would use.`,
		Example: `  sluice schema detection_finding
  sluice schema detection_finding.finding_info.analytic
  sluice schema 2004.severity_id
  sluice schema --glue -m my/mapping.yaml
  sluice schema --sources --class by_class --source acme
  sluice schema --json-schema mapping > mapping.schema.json`,
		ValidArgsFunction: classNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.schema(cmd, &f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.version, "ocsf", defaultVersion, "OCSF version")
	flags.StringVar(&f.version, "version", defaultVersion, "OCSF version")
	flags.Lookup("version").Hidden = true
	flags.StringVar(&f.jsonSchema, "json-schema", "", "print the JSON Schema of mapping files or of tests")
	flags.BoolVar(&f.parquet, "parquet", false, "print the Parquet schema of a mapping's files")
	flags.BoolVar(&f.glue, "glue", false, "print the statement that makes a mapping's table in Athena")
	flags.BoolVar(&f.sources, "sources", false, "list the custom sources that mappings fill, with their classes")
	flags.BoolVar(&f.json, "json", false, "with --sources: print a JSON list")
	settingFlags(cmd, "mapping", "class", "source", "region")
	flags.StringVar(&f.location, "location", "", "folder of the lake above ext/, for --glue (default s3://BUCKET)")
	completeMappings(cmd)
	complete(cmd, "json-schema", cobra.FixedCompletions([]string{"mapping", "tests"}, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "ocsf", cobra.FixedCompletions(ocsf.Versions(), cobra.ShellCompDirectiveNoFileComp))
	return describeExits(cmd, exits{"printed", "failed", "the call or the mapping is wrong: an unknown class, version or path, a file that does not exist"})
}

func (a *app) schema(cmd *cobra.Command, f *schemaFlags, args []string) error {
	kinds := 0
	for _, on := range []bool{f.parquet, f.glue, f.sources, f.jsonSchema != ""} {
		if on {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return usagef("--parquet, --glue, --sources and --json-schema print different things: give one of them")
	case kinds == 1 && len(args) > 0:
		return usagef("%q is a class, and --parquet, --glue, --sources and --json-schema take none: give -m MAPPING", args[0])
	case kinds == 0 && cmd.Flag("mapping").Changed:
		return usagef("-m names a mapping, and its schema is printed with --parquet, --glue or --sources: give one of them")
	case f.json && !f.sources:
		return usagef("--json is for --sources: give both")
	case len(args) > 1:
		return usagef("%s prints one class or object, got %d", cmd.CommandPath(), len(args))
	case f.jsonSchema != "":
		return a.jsonSchema(f.jsonSchema)
	case f.parquet || f.glue || f.sources:
		return a.mappingSchema(cmd, f)
	}
	s, err := ocsf.Load(f.version)
	if err != nil {
		return usage(err)
	}
	if len(args) == 0 {
		return printClasses(a.Out, s)
	}
	return usage(printNamed(a.Out, s, args[0]))
}

// classNames completes classes, and what a path has got to so far.
func classNames(_ *cobra.Command, args []string, written string) ([]string, cobra.ShellCompDirective) {
	s, err := ocsf.Load(defaultVersion)
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	offer := func(name string) {
		if strings.HasPrefix(name, written) {
			names = append(names, name)
		}
	}
	if cut := strings.LastIndexByte(written, '.'); cut >= 0 {
		if e, err := findEntity(s, written[:cut]); err == nil {
			for _, a := range e.attributes {
				offer(written[:cut+1] + a.Name)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	for _, name := range s.ClassNames() {
		offer(name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// mappingSchema prints what the mappings make of their files.
func (a *app) mappingSchema(cmd *cobra.Command, f *schemaFlags) error {
	told, err := a.settings(cmd)
	if err != nil {
		return usage(err)
	}
	e, err := a.engine(&told)
	if err != nil {
		return err
	}
	sources, err := a.sources(cmd, &told, e)
	if err != nil {
		return usage(err)
	}
	tables := pipeline.Tables(e, sources)
	if f.sources {
		return a.listSources(e, tables, told.Region, f.json)
	}
	for i, t := range tables {
		if i > 0 {
			printf(a.Out, "\n")
		}
		names := tableMappings(e, &t)
		if f.glue {
			what := "mapping "
			if len(t.Mappings) > 1 {
				what = "mappings "
			}
			printGlue(a.Out, &glueTable{what + names, t.Source, told.Region, f.location}, t.Layout)
			continue
		}
		if len(e.Mappings) > 1 {
			printf(a.Out, "# %s\n", names)
		}
		text, err := parquetSchema(t.Layout)
		if err != nil {
			return err
		}
		printf(a.Out, "%s\n", cleanLines(text))
	}
	return nil
}

// tableMappings names the mappings that fill a table.
func tableMappings(e *engine.Engine, t *pipeline.Table) string {
	var names []string
	for _, m := range t.Mappings {
		names = append(names, e.Mappings[m].Name)
	}
	return strings.Join(names, ", ")
}

// parquetSchema reads the schema off the footer of a file without rows.
func parquetSchema(l *ocsf.Layout) (string, error) {
	var file bytes.Buffer
	if err := table.NewWriter(&file, table.NewSchema(l), table.Options{}).Close(); err != nil {
		return "", err
	}
	facts, err := inspect.File(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		return "", err
	}
	return facts.Schema, nil
}

// glueTable is the table of the events of mappings.
type glueTable struct{ mappings, source, region, location string }

// printGlue names the table as Security Lake does.
func printGlue(w io.Writer, t *glueTable, l *ocsf.Layout) {
	name := tableName(t.region, t.source)
	location := strings.TrimSuffix(orElse(t.location, "s3://BUCKET"), "/") + "/ext/" + t.source + "/"
	printf(w, "-- The table of %s. The crawler of Security Lake makes it by itself;\n", t.mappings)
	printf(w, "-- elsewhere put your bucket for BUCKET, and add each day as a partition:\n")
	printf(w, "-- ALTER TABLE `%s` ADD IF NOT EXISTS PARTITION (region = '%s', accountId = 'external', eventDay = 'YYYYMMDD')\n", name, t.region)
	printf(w, "-- LOCATION '%sregion=%s/accountId=external/eventDay=YYYYMMDD/';\n", location, t.region)
	printf(w, "%s", cleanLines(glue.Statement(name, location, glue.Columns(l))))
}

// tableName is that of the table of a custom source, as Security Lake names it.
func tableName(region, source string) string {
	return "amazon_security_lake_table_" + tableWord(region) + "_ext_" + tableWord(source)
}

// tableWord replaces the characters of a name that a table name cannot have.
func tableWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(s))
}

// entity is a class or an object, with the path that leads to it, or the
// attribute that a path ends in.
type entity struct {
	path, title string
	deprecated  string
	attributes  []ocsf.Attribute
	constraint  ocsf.Constraint
	last        *ocsf.Attribute // of a scalar
}

// findEntity follows CLASS.PATH or OBJECT.PATH.
func findEntity(s *ocsf.Schema, path string) (entity, error) {
	steps := strings.Split(path, ".")
	e := entity{path: steps[0]}
	if c, ok := s.Class(steps[0]); ok {
		e.title = fmt.Sprintf("%s (%s, class %d, category %s)", c.Caption, c.Name, c.UID, c.CategoryCaption)
		e.deprecated, e.attributes, e.constraint = c.Deprecated, c.Attributes, c.Constraint
	} else if o, ok := s.Object(steps[0]); ok {
		e.object(o)
	} else if versions := ocsf.ClassVersions(steps[0]); len(versions) > 0 {
		return e, fmt.Errorf("OCSF %s has no class `%s`; it is in OCSF %s: give --ocsf %s", s.Version, steps[0],
			strings.Join(versions, ", "), versions[len(versions)-1])
	} else {
		names := s.ClassNames()
		for i := range s.Objects {
			names = append(names, s.Objects[i].Name)
		}
		return e, fmt.Errorf("OCSF %s has no class or object `%s`%s; `sluice schema` lists the classes", s.Version, steps[0], spelling.DidYouMean(steps[0], names))
	}
	for _, step := range steps[1:] {
		if err := e.step(step); err != nil {
			return e, err
		}
	}
	return e, nil
}

func (e *entity) object(o *ocsf.Object) {
	e.title = fmt.Sprintf("%s (object %s)", o.Caption, o.Name)
	e.deprecated, e.attributes, e.constraint = o.Deprecated, o.Attributes, o.Constraint
}

func (e *entity) step(name string) error {
	if e.last != nil {
		return fmt.Errorf("`%s` is %s, which has no attributes", e.path, e.last.TypeName())
	}
	names := make([]string, len(e.attributes))
	for i := range e.attributes {
		a := &e.attributes[i]
		if names[i] = a.Name; a.Name != name {
			continue
		}
		e.path += "." + name
		if a.Object != nil {
			e.object(a.Object)
		} else {
			e.last = a
		}
		return nil
	}
	return fmt.Errorf("`%s` has no attribute `%s`%s", e.path, name, spelling.DidYouMean(name, names))
}

var errNoJSONSchema = errors.New("--json-schema takes `mapping`, the schema of the mapping language, or `tests`, that of test files")
