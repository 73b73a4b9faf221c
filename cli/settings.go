package cli

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// settingFlags adds the flags that win over variables of the environment, named
// as settings.Variables has them. A command that takes mappings takes values of
// their settings too, and one that takes a source those of single classes.
func settingFlags(cmd *cobra.Command, names ...string) {
	if slices.Contains(names, "mapping") {
		names = append(names, "set")
	}
	if slices.Contains(names, "set") {
		names = append(names, "allow-outside")
	}
	if slices.Contains(names, "out") {
		names = append(names, "role-arn", "external-id")
	}
	if slices.Contains(names, "source") {
		names = append(names, "class-source")
	}
	for _, v := range settings.Variables() {
		if v.Flag == "" || !slices.Contains(names, v.Flag) {
			continue
		}
		usage := strings.ReplaceAll(fmt.Sprintf("%s (default %s; %s)", orElse(v.Usage, v.Meaning), v.Default, v.Name), "`", "")
		switch v.Kind {
		case settings.List, settings.Pairs:
			cmd.Flags().StringArrayP(v.Flag, v.Short, nil, usage)
		case settings.Switch:
			cmd.Flags().BoolP(v.Flag, v.Short, false, usage)
		default:
			cmd.Flags().StringP(v.Flag, v.Short, "", usage)
		}
	}
}

// means says what a flag that settingFlags added is to this command, where that differs: its
// meaning ("" for the same) and its default, in Markdown.
func means(cmd *cobra.Command, flag, meaning, preset string) {
	v := meansAlone(cmd, flag, meaning, preset)
	f := cmd.Flag(flag)
	f.Usage = strings.TrimSuffix(f.Usage, ")") + "; " + v.Name + ")"
}

// meansAlone is means for a flag whose variable does not count for this command.
func meansAlone(cmd *cobra.Command, flag, meaning, preset string) settings.Variable {
	at := slices.IndexFunc(settings.Variables(), func(v settings.Variable) bool { return v.Flag == flag })
	v := settings.Variables()[at]
	meaning = orElse(meaning, orElse(v.Usage, v.Meaning))
	f := cmd.Flag(flag)
	f.Usage = strings.ReplaceAll(fmt.Sprintf("%s (default %s)", meaning, preset), "`", "")
	f.Annotations = map[string][]string{meansAnnotation: {meaning, preset}}
	return v
}

// meansAnnotation keeps what means says, for the manual.
const meansAnnotation = "means"

// settings reads the flags of a command that settingFlags added, and the
// variables behind them. Variables without a flag matter to commands that write.
func (a *app) settings(cmd *cobra.Command) (settings.Settings, error) {
	s, err := settings.Read(settings.Options{
		Door: settings.CommandLine, Getenv: a.getenv,
		Flag: func(name string) ([]string, bool) {
			f := cmd.Flag(name)
			if f == nil || !f.Changed {
				return nil, false
			}
			if list, ok := f.Value.(pflag.SliceValue); ok {
				return list.GetSlice(), true
			}
			return []string{f.Value.String()}, true
		},
		Wants: func(v *settings.Variable) bool {
			return cmd.Flag(v.Flag) != nil || v.Flag == "" && (cmd.Flag("out") != nil || cmd.Flag("role-arn") != nil)
		},
		Checks: checks(),
	})
	a.warn(s.Warnings)
	a.given = s
	a.loader.AllowOutside = s.AllowOutside
	return s, err
}

// checks are what other packages know of the values of settings.
func checks() settings.Checks {
	return settings.Checks{Value: lake.CheckValue, Bucket: s3.CheckBucket, Address: s3.CheckAddress,
		Encryption: s3.CheckEncryption, Class: mapping.OfClass, ClassName: mapping.ClassName}
}

// setting gives the value of a mapping's setting that flags or variables have.
func (a *app) setting(name string) (engine.Given, bool) {
	value, where, ok := a.given.Setting(name, a.getenv)
	return engine.Given{Value: value, Where: where}, ok
}

// knownSettings returns an error for values of settings that none of the mappings
// has. A variable of that kind is warned about: others may be meant by it.
func (a *app) knownSettings(engines ...*engine.Engine) error {
	var names []string
	for _, e := range engines {
		if e == nil {
			return nil // its faults hide its settings
		}
		for _, m := range e.Mappings {
			for _, s := range m.Settings {
				names = append(names, s.Name)
			}
		}
	}
	return a.knownNames(names)
}

func (a *app) knownNames(names []string) error {
	for _, name := range slices.Sorted(maps.Keys(a.given.Set)) {
		if !slices.Contains(names, name) {
			return usagef("--set %s: the mappings have no setting of that name%s", name, theSettings(name, names))
		}
	}
	for _, variable := range settings.StrayVariables(a.environ, names) {
		name := settings.OfVariable(variable)
		a.warn([]string{fmt.Sprintf("%s has no effect: the mappings have no setting `%s`%s", variable, name, theSettings(name, names))})
	}
	return nil
}

// theSettings suggests the nearest setting, or lists all if none is near.
func theSettings(written string, names []string) string {
	if s := spelling.DidYouMean(written, names); s != "" || len(names) == 0 {
		return s
	}
	slices.Sort(names)
	return "; they have " + strings.Join(slices.Compact(names), ", ")
}

func (a *app) warn(warnings []string) {
	for _, w := range warnings {
		printf(a.Err, "%s\n", "warning: "+w)
	}
}

// runSettings reads the settings of a run and rejects contradictions.
func (a *app) runSettings(cmd *cobra.Command, f *runFlags) error {
	var err error
	f.Settings, err = a.settings(cmd)
	errs := []error{err}
	if f.workers < 1 {
		errs = append(errs, fmt.Errorf("--workers is %d: give 1 or more", f.workers))
	}
	if f.Rejects == "-" {
		errs = append(errs, errors.New("--rejects is -: name a folder or s3://BUCKET; only events go to standard output, with -o -"))
	}
	if f.OCSFJSON == "-" {
		errs = append(errs, errors.New("--ocsf-json is -: name a folder or s3://BUCKET; with -o - the events go to standard output as JSON lines"))
	}
	// Workers wait for nothing but processors. More of them would take turns, and each would
	// learn what the alerts are like for itself.
	f.workers = min(f.workers, a.processors)
	if f.Out == "-" && f.OCSFJSON != "" {
		// Standard output has the events as JSON lines already.
		if cmd.Flag("ocsf-json").Changed {
			errs = append(errs, errors.New("--ocsf-json copies what goes into a lake, and -o - writes none: give one of them"))
		}
		f.OCSFJSON = ""
	}
	if f.Rejects == "" {
		f.Rejects = filepath.Join(f.Out, "rejects")
		if f.Out == "-" || s3.Is(f.Out) {
			f.Rejects = "./rejects"
		}
	}
	return errors.Join(append(errs, f.onlyObjects())...)
}

// onlyObjects checks that nothing but the objects of the lake goes where they are: those who
// query it would read anything else as Parquet.
func (f *runFlags) onlyObjects() error {
	if f.Out == "-" || f.Out == "" {
		return nil
	}
	objects := place(f.Out) + "/ext"
	var errs []error
	if f.OCSFJSON != "" && (place(f.OCSFJSON) == place(f.Out) || within(place(f.OCSFJSON), objects)) {
		errs = append(errs, fmt.Errorf("--ocsf-json is %s, where the objects of the lake are: name another folder or bucket for the copies as JSON lines (S3_BUCKET_OCSF)", f.OCSFJSON))
	}
	if within(place(f.Rejects), objects) {
		errs = append(errs, fmt.Errorf("--rejects is %s, where the objects of the lake are: name another folder, such as rejects beside ext (SLUICE_REJECTS)", f.Rejects))
	}
	return errors.Join(errs...)
}

// sources settles the custom source of each mapping. A variable that does not
// count is warned about; a flag that does not is a fault of the call.
func (a *app) sources(cmd *cobra.Command, s *settings.Settings, e *engine.Engine) ([]string, error) {
	if cmd.Flag("source").Changed && !pipeline.NeedsSource(e) {
		return nil, errors.New("--source is not used: these mappings fill several custom sources, and each names its own; give that of a class with --class-source")
	}
	sources := pipeline.Sources(e, s)
	a.warn(pipeline.SourceWarnings(e, s, sources))
	return sources, nil
}
