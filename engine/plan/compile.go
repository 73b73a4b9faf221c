package plan

import (
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Compile turns a mapping into a Plan. It returns every fault it can find, not
// the first; with faults there is no Plan.
func Compile(m *syntax.Mapping, o Options) (*Plan, syntax.Faults) {
	c := newCompiler(m, o)
	p := c.compile()
	if o.Lean {
		for _, program := range c.programs {
			program.DropTree()
		}
	}
	return p, c.faults.Placed()
}

func newCompiler(m *syntax.Mapping, o Options) *compiler {
	if o.Shared == nil {
		o.Shared = NewShared()
	}
	return &compiler{m: m, options: o, scope: expression.Scope{Trees: o.Shared.trees}, wantIndex: map[string]int{}, programs: map[*syntax.Expression]*program{},
		uses: map[*syntax.Use]*use{}, texts: map[any]*syntax.Expression{}, broken: map[*syntax.Expression]bool{}}
}

// compile returns nil if there are faults. It compiles what does not depend on
// the class even without one, so that a bad head hides no other fault.
func (c *compiler) compile() *Plan {
	c.head()
	c.names()
	when := c.condition(c.m.When)
	if c.m.Drop {
		if when == nil {
			return nil
		}
		return c.plan(nil, when)
	}
	if c.class == nil || c.m.Event == nil {
		c.loose(c.m.Event)
		c.unusedArguments()
		return nil
	}
	fields := c.event()
	c.unusedArguments()
	layout := c.layout(fields)
	if layout == nil {
		return nil
	}
	return c.plan(layout, when)
}

// names compiles what expressions may use by name.
func (c *compiler) names() {
	c.fieldRules()
	c.settings()
	c.scope.Tables = c.tables()
	c.guests()
	c.functions()
	c.orderLets()
	c.vocabulary = newVocabulary(c.m, c.options.Shared.words)
	c.letRules()
	c.parts()
}

// maxParts bounds the work of all expressions for one alert, but for what loops repeat, and
// the memory that they take.
const maxParts = 500_000

// maxSetParts bounds the memory that the expressions of a set take.
const maxSetParts = 1_000_000

// compiler is the state of one Compile.
type compiler struct {
	m        *syntax.Mapping
	options  Options
	faults   syntax.Faults
	schema   *ocsf.Schema
	class    *ocsf.Class
	profiles []string
	// follow are those of the head, which follow the data, with what they mean for
	// the class; profilesField lists them in the event.
	follow        []*profile
	followFacts   []ocsf.ProfileAttributes
	profilesField *ocsf.Field
	observing     *observing // `observables: {$from: event}`; nil if there is none
	// profilesBroken is set if a stated profile is not known.
	profilesBroken bool

	wants        []alert.Want
	wantIndex    map[string]int
	programs     map[*syntax.Expression]*program
	size         int  // of all programs, see expression.Program
	full         bool // the set has space for no further program
	lets         []let
	letReads     [][]int
	written      []syntax.Let         // in the order in which they are defined first
	loops        map[[2]string]string // why a let cannot use another, see orderLets
	scope        expression.Scope
	uses         map[*syntax.Use]*use
	checking     bool                        // parts by themselves, for their faults
	texts        map[any]*syntax.Expression  // of functions and arguments, by what they are compiled to
	usedParams   []bool                      // of the part that is checked
	unusedParams []syntax.Text               // of parts and functions
	broken       map[*syntax.Expression]bool // expressions of parts that have faults wherever they are used
	itReads      [][]int                     // of the elements of the enclosing `$each`, innermost last

	steps   []step
	targets []*target
	root    requirement
	rest    bool
	unread  bool // the parser could not read all of the event
	kept    *step

	guestSet guestSet
	given    []Setting

	vocabulary *vocabulary
	every      bool // compile lets too that no rule uses, for who looks at them
}

// head resolves schema and class; class stays nil if that fails.
func (c *compiler) head() {
	if c.m.Schema.Value == "" || c.m.Class.Value == "" {
		return // the parser has reported it
	}
	schema, err := c.options.Shared.schema(c.m.Schema.Value)
	if err != nil {
		c.faults.Add(c.m.Schema.Pos, "%v", schemaError(c.m.Schema.Value, err))
		return
	}
	class, ok := schema.Class(c.m.Class.Value)
	if !ok {
		c.faults.Add(c.m.Class.Pos, "unknown class `%s` in OCSF %s%s", c.m.Class.Value, schema.Version, classCure(schema, c.m.Class.Value))
		return
	}
	c.schema, c.class = schema, class
}

// loose compiles the expressions at and below a node to find their own faults,
// where it is not known which attribute they are for.
func (c *compiler) loose(n *syntax.Node) {
	if n == nil {
		return
	}
	if n.Kind == syntax.Computed {
		c.program(n.Expression)
	}
	if n.Each != nil || n.EachBroken {
		_, end := c.each(n)
		defer end()
	}
	if n.Part != nil {
		for _, arg := range n.Part.Args {
			c.program(arg)
		}
	}
	c.condition(n.When)
	for _, item := range n.Items {
		c.loose(item)
	}
	for _, f := range n.Fields {
		c.loose(f.Value)
	}
}

// classCure suggests the versions that have the class, or a class with a similar
// name.
func classCure(schema *ocsf.Schema, class string) string {
	if versions := ocsf.ClassVersions(class); len(versions) > 0 {
		return "; it is in OCSF " + strings.Join(versions, ", ") + ": change `schema`"
	}
	return spelling.DidYouMean(class, schema.ClassNames())
}

func schemaError(version string, err error) string {
	if after13(version) {
		return "Security Lake accepts OCSF 1.3 and earlier for custom sources, not " + version + ": write `schema: " + strings.Join(ocsf.Versions(), "` or `schema: ") + "`"
	}
	return err.Error()
}

func after13(version string) bool {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, ok1 := number(major)
	b, ok2 := number(minor)
	return ok1 && ok2 && major != "" && (a > 1 || a == 1 && b > 3)
}

// want returns the index of a wanted path, and adds the path if it is new.
func (c *compiler) want(p alert.Path) int {
	key := pathKey(p)
	i, ok := c.wantIndex[key]
	if !ok {
		i = len(c.wants)
		c.wantIndex[key] = i
		c.wants = append(c.wants, alert.Want{Path: p, Used: true})
	}
	return i
}

// pathKey returns a key that differs even for paths that print alike: a list
// position and a member named by the same digit.
func pathKey(p alert.Path) string {
	var b strings.Builder
	for _, s := range p {
		if s.IsIndex {
			b.WriteByte(1)
		} else {
			b.WriteByte(2)
		}
		b.WriteString(alert.Path{s}.String())
	}
	return b.String()
}
