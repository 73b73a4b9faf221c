package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-lake/sluice/engine/spelling"
)

// exits are what the exit codes of a command mean, by code; "" for codes that it
// does not have.
type exits [4]string

// describeExits appends the exit codes to the help of a command and keeps them for
// the manual.
func describeExits(cmd *cobra.Command, codes exits) *cobra.Command {
	var words []string
	cmd.Annotations = map[string]string{}
	for code, meaning := range codes {
		if meaning != "" {
			words = append(words, fmt.Sprintf("%d %s", code, meaning))
			cmd.Annotations[exitAnnotation(code)] = meaning
		}
	}
	cmd.Long = strings.TrimRight(cmd.Long, "\n") + "\n\n" + wrap("Exit codes: "+strings.Join(words, "; ")+".", 79)
	return cmd
}

func exitAnnotation(code int) string { return fmt.Sprintf("exit code %d", code) }

// wrap breaks a text at blanks into lines of at most that many bytes, where its words
// allow that.
func wrap(text string, width int) string {
	var b strings.Builder
	at := 0
	for _, word := range strings.Fields(text) {
		switch {
		case at == 0:
		case at+1+len(word) > width:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	return b.String()
}

// knownCommand returns an error when the arguments name a command that does not
// exist, whatever else they ask for: cobra would print help then and succeed.
func knownCommand(root *cobra.Command, args []string) error {
	at := root
	for _, arg := range args {
		switch {
		case strings.HasPrefix(arg, "__"):
			return nil // completion asks
		case strings.HasPrefix(arg, "-"):
			continue
		case at.Name() == "help":
			at = root
		}
		if !at.HasSubCommands() {
			return nil
		}
		next := slices.IndexFunc(at.Commands(), func(c *cobra.Command) bool { return c.Name() == arg })
		if next < 0 {
			return unknownCommand(at, arg)
		}
		at = at.Commands()[next]
	}
	return nil
}

// elsewhere is how other programs of this kind call what some commands do.
var elsewhere = map[string]string{"lint": "check", "validate": "check", "vet": "check", "convert": "run", "tail": "follow", "playground": "studio"}

func unknownCommand(cmd *cobra.Command, name string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if meant := elsewhere[name]; slices.Contains(names, meant) {
		return usagef("there is no command `%s`; did you mean `%s`?", name, meant)
	}
	advice := spelling.DidYouMean(name, names)
	if advice == "" {
		advice = "; the commands are " + strings.Join(names, ", ")
	}
	return usagef("there is no command `%s`%s", name, advice)
}

// flagError names the nearest flag where one is close.
func flagError(cmd *cobra.Command, err error) error {
	message := err.Error()
	if name, ok := strings.CutPrefix(message, "unknown flag: --"); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := spelling.Nearest(name, names); near != "" {
			return usagef("%s has no flag --%s; did you mean --%s?", cmd.CommandPath(), name, near)
		}
		return usagef("%s has no flag --%s; see `%s --help`", cmd.CommandPath(), name, cmd.CommandPath())
	}
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return usagef("%s has no flag -%s; write -- before an argument that begins with a hyphen; see `%s --help`",
			cmd.CommandPath(), unknown.GetSpecifiedName(), cmd.CommandPath())
	case errors.As(err, &invalid) && flagValues[invalid.GetFlag().Value.Type()] != "":
		return usagef("--%s is %q: give %s", invalid.GetFlag().Name, invalid.GetValue(), flagValues[invalid.GetFlag().Value.Type()])
	}
	return usagef("%s; see `%s --help`", message, cmd.CommandPath())
}

// flagValues are what flags take, by their types.
var flagValues = map[string]string{"bool": "true or false", "int": "a whole number", "duration": "a duration, such as 30s or 5m"}

// atLeast requires a number of arguments, which it names in its error.
func atLeast(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return usagef("%s needs %s; see `%s --help`", cmd.CommandPath(), what, cmd.CommandPath())
		}
		return nil
	}
}

func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// nothingEmpty refuses flags and arguments that are empty: what a script makes of a variable
// that is not set. Expressions and arguments of guests may be.
func nothingEmpty(cmd *cobra.Command, args []string) (err error) {
	if strings.HasPrefix(cmd.Name(), "__") {
		return nil // a shell that completes what is typed
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		empty := f.Value.Type() == "string" && f.Value.String() == ""
		if list, ok := f.Value.(pflag.SliceValue); ok {
			empty = !slices.ContainsFunc(list.GetSlice(), func(text string) bool { return text != "" })
		}
		if empty && err == nil {
			err = usagef("--%s is empty: give a value or leave it out", f.Name)
		}
	})
	if path := cmd.CommandPath(); err == nil && slices.Contains(args, "") && path != "sluice eval" && path != "sluice wasm run" {
		err = usagef("an argument of %s is empty: name what is meant, or leave it out", path)
	}
	return err
}
