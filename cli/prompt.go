package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/runtime/source"
)

// prompt evaluates one expression after another, on a terminal.
type prompt struct {
	app      *app
	ctx      context.Context
	terminal *term.Terminal // lines come from it, and everything goes to it
	history  *history
	paint    paint
	named    []string      // the mappings, as they were named
	files    []engine.File // they
	one      oneAlert
	cursor   *cursor // nil when the alert is in no file
	names    names   // for completion
}

const promptHelp = `EXPRESSION          evaluate it over the alert; the = in front may be left out
:alert FILE[:LINE]  take an alert of a file, or JSON text; alone: show the alert
:next, :previous    take the alert after or before it
:mapping NAME…      use the names of mappings; alone: say which; with -: none
:help [FUNCTION]    say this, or what a function does
:quit               Tab completes names, the arrows go through what you typed,
                    Ctrl-C clears the line, Ctrl-D ends
`

// interactive evaluates what a person types, until they end it. The terminal is as
// it was afterwards.
func (a *app) interactive(ctx context.Context, mappings []string) error {
	in, _ := a.In.(*os.File)
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return fmt.Errorf("the terminal cannot be read key by key: %w", err)
	}
	defer term.Restore(int(in.Fd()), before) // it worked a moment ago
	done := make(chan error, 1)
	go func() {
		done <- a.converse(ctx, struct {
			io.Reader
			io.Writer
		}{a.In, a.Out}, mappings)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.New("interrupted")
	}
}

// converse is the conversation itself, on any stream of keys.
func (a *app) converse(ctx context.Context, keys io.ReadWriter, mappings []string) error {
	p := &prompt{app: a, ctx: ctx, paint: a.paint(a.Out), history: openHistory(historyFile(a.getenv, "eval")), one: oneAlert{line: "{}"}}
	p.names.known = knownFields("", nil)
	p.terminal = newTerminal(keys)
	p.terminal.History = p.history
	p.terminal.AutoCompleteCallback = p.complete
	before := a.Err
	a.Err = &messages{to: p.terminal} // guests and faults write there
	defer func() { a.Err = before }()
	defer p.leave()
	p.say("An expression, or :help.\n")
	if err := p.use(mappings); err != nil {
		return err
	}
	for {
		p.terminal.SetPrompt(p.sign())
		if err := p.terminal.SetSize(width(a.Out), 24); err != nil {
			return err
		}
		line, err := p.terminal.ReadLine()
		if errors.Is(err, io.EOF) {
			p.say("\n")
			return nil
		}
		if err != nil {
			return err
		}
		if line = strings.TrimSpace(line); line == ":quit" || line == ":q" {
			return nil
		}
		if err := p.answer(line); err != nil {
			p.say("%s\n", p.paint.red(err))
		}
	}
}

func newTerminal(keys io.ReadWriter) *term.Terminal {
	return term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{&keyReader{from: keys}, keys}, "")
}

// leave closes what the prompt opened.
func (p *prompt) leave() {
	if p.history.err != nil {
		p.say("what you typed was not kept: %v\n", p.history.err)
	}
	if p.cursor != nil {
		p.cursor.close()
	}
}

// say shows a text. A terminal that is gone ends ReadLine.
func (p *prompt) say(format string, values ...any) { printf(p.terminal, format, values...) }

// sign is the prompt before a line: it names the alert.
func (p *prompt) sign() string {
	if p.one.origin == "" {
		return "> "
	}
	return string(sprintf("%s:%d> ", shortened(filepath.Base(p.one.origin), 30), p.one.number))
}

// answer does what a line says.
func (p *prompt) answer(line string) error {
	command, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case line == "":
		return nil
	case !strings.HasPrefix(line, ":"):
		return p.evaluate(line)
	case command == ":help" || command == ":h":
		return p.help(rest)
	case command == ":alert" || command == ":a":
		return p.alert(rest)
	case command == ":mapping" || command == ":m":
		return p.mapping(strings.Fields(rest))
	case command == ":next" || command == ":n":
		return p.move((*cursor).next)
	case command == ":previous" || command == ":p":
		return p.move((*cursor).previous)
	}
	return fmt.Errorf("there is no command %s; :help lists them", command)
}

// help explains the prompt, or a function.
func (p *prompt) help(name string) error {
	if name == "" {
		p.say("%s", clean(promptHelp))
		return nil
	}
	name, _, _ = strings.Cut(name, "(")
	for _, f := range expression.Definitions() {
		if f.Name == name {
			p.say("%s\n    %s\n    %s is %s\n", p.paint.bold(f.Signature()), f.Means, f.Example, f.Gives)
			return nil
		}
	}
	return fmt.Errorf("there is no function `%s` in the language%s", name, spelling.DidYouMean(name, expression.Functions()))
}

func (p *prompt) evaluate(text string) error {
	x, err := p.app.expression("input", text, p.files, p.one)
	if err != nil {
		return err
	}
	defer x.Close()
	got, err := evaluate(x, p.one)
	if err != nil {
		return err
	}
	one := p.one
	one.origin = "" // the prompt names it
	if err := evalText(p.terminal, p.paint, one, got); err != nil {
		return err
	}
	if got.Error != "" {
		return errors.New("the expression failed: " + got.Error)
	}
	return nil
}

// alert takes another alert, or shows the current one.
func (p *prompt) alert(arg string) error {
	if arg == "" {
		p.say("%s\n", cleanLines(laidOut(p.one.line)))
		return nil
	}
	if strings.HasPrefix(arg, "{") {
		p.take(oneAlert{line: arg}, nil)
		return nil
	}
	name, line := splitLine(arg)
	if name == "-" {
		return errors.New("standard input is the terminal here: name a file")
	}
	inputs, err := source.Expand([]string{name}, p.app.In)
	if err == nil && len(inputs) != 1 {
		err = fmt.Errorf("%s names %d files: name one line of one of them, as FILE:LINE", name, len(inputs))
	}
	if err != nil {
		return err
	}
	c := newCursor(p.ctx, inputs[0])
	one, err := c.seek(max(line, 1))
	if err != nil {
		c.close()
		return err
	}
	p.take(one, c)
	return nil
}

func (p *prompt) take(one oneAlert, c *cursor) {
	if p.cursor != nil && p.cursor != c {
		p.cursor.close()
	}
	p.one, p.cursor = one, c
	p.names.ofAlert(one.line)
}

func (p *prompt) move(to func(*cursor) (oneAlert, error)) error {
	if p.cursor == nil {
		return errors.New("there is no file of alerts: name one with :alert FILE")
	}
	one, err := to(p.cursor)
	if err == nil {
		p.take(one, p.cursor)
	}
	return err
}

// mapping uses other mappings, or says which are in use.
func (p *prompt) mapping(named []string) error {
	switch {
	case len(named) == 0 && len(p.named) == 0:
		p.say("no mapping\n")
		return nil
	case len(named) == 0:
		p.say("%s\n", strings.Join(p.named, " "))
		return nil
	case len(named) == 1 && named[0] == "-":
		named = nil
	}
	return p.use(named)
}

// use reads mappings. They are compiled with each expression.
func (p *prompt) use(named []string) error {
	files, err := p.app.loader.Load(named)
	if err != nil {
		return usage(err)
	}
	p.named, p.files = named, files
	p.names.ofMappings(files)
	return nil
}

// keyReader turns Ctrl-C, which would end a terminal's reading, into the keys that
// clear the line.
type keyReader struct {
	from    io.Reader
	pending []byte
}

const (
	ctrlC     = 3
	clearLine = "\x05\x15" // to the end, and erase to the start
)

func (r *keyReader) Read(b []byte) (int, error) {
	if len(r.pending) == 0 {
		read := make([]byte, len(b))
		n, err := r.from.Read(read)
		r.pending = []byte(strings.ReplaceAll(string(read[:n]), string(rune(ctrlC)), clearLine))
		if n == 0 {
			return 0, err
		}
	}
	n := copy(b, r.pending)
	r.pending = r.pending[n:]
	return n, nil
}
