package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/settings"
)

func defaultWorkers() int { return runtime.GOMAXPROCS(0) }

// settingFlags adds the flags that win over variables of the environment, named
// as settings.Variables has them.
func settingFlags(cmd *cobra.Command, names ...string) {
	for _, v := range settings.Variables() {
		if v.Flag == "" || !slices.Contains(names, v.Flag) {
			continue
		}
		usage := strings.ReplaceAll(fmt.Sprintf("%s (default %s; %s)", orElse(v.Usage, v.Meaning), v.Default, v.Name), "`", "")
		switch v.Kind {
		case settings.List:
			cmd.Flags().StringArrayP(v.Flag, v.Short, nil, usage)
		case settings.Switch:
			cmd.Flags().BoolP(v.Flag, v.Short, false, usage)
		default:
			cmd.Flags().StringP(v.Flag, v.Short, "", usage)
		}
	}
}

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
			return cmd.Flag(v.Flag) != nil || v.Flag == "" && cmd.Flag("out") != nil
		},
		Checks: settings.Checks{Value: lake.CheckValue, Bucket: s3.CheckBucket, Address: s3.CheckAddress, Encryption: s3.CheckEncryption, Class: mapping.OfClass},
	})
	a.warn(s.Warnings)
	return s, err
}

func (a *app) warn(warnings []string) {
	for _, w := range warnings {
		fmt.Fprintln(a.Err, "warning: "+w)
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
	return errors.Join(errs...)
}

// sources settles the custom source of each mapping. A variable that does not
// count is warned about; a flag that does not is a fault of the call.
func (a *app) sources(cmd *cobra.Command, s *settings.Settings, e *engine.Engine) ([]string, error) {
	if cmd.Flag("source").Changed && !pipeline.OneSource(e) {
		return nil, errors.New("--source names one custom source, and these mappings fill several: leave it out, and give each mapping a `source:`")
	}
	sources, err := pipeline.Sources(e, s.Source)
	if err == nil {
		a.warn(pipeline.SourceWarnings(sources, s.Source))
	}
	return sources, err
}
