package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/securitylake"
	"github.com/sluice-lake/sluice/runtime/settings"
)

func (a *app) newSource() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "source",
		Short: "Register custom sources in Security Lake, list and remove them",
		Args:  none,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.newSourceCreate(), a.newSourceList(), a.newSourceDelete())
	return cmd
}

// sourceFlags are the flags of `sluice source create`.
type sourceFlags struct {
	settings.Settings
	bucket, writer, external string
	dryRun, json             bool
}

func (a *app) newSourceCreate() *cobra.Command {
	var f sourceFlags
	cmd := &cobra.Command{
		Use:   "create [flags]",
		Short: "Register the custom sources that mappings fill",
		Long: `Create registers the custom sources that mappings fill in Security Lake, one for
each class, with the class that each must have, and makes a role for the crawler of
each that may use the objects of its source and nothing else. What is there of an
earlier call stays. Security Lake itself makes the role that may write.

It asks AWS as you are known there (AWS_PROFILE and so on), which must be an
administrator of the data lake. --dry-run sends no request that changes anything: it
prints the policies and the requests. In the end it prints the parameters of the stack.
--writer-id is a text of your own, the external ID that whoever writes must give; the
variable EXTERNAL_ID has it too.`,
		Example: `  sluice source create --region eu-west-1 --writer-id 7Jx2 --dry-run
  sluice source create --region eu-west-1 --writer-id 7Jx2 --class by_class --source acme`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.sourceCreate(cmd.Context(), cmd, &f) },
	}
	settingFlags(cmd, "mapping", "class", "source", "region")
	flags := cmd.Flags()
	flags.StringVar(&f.writer, "writer", "", "AWS account that will write (default your own)")
	flags.StringVar(&f.external, "writer-id", "", "external ID that the writer must give (default EXTERNAL_ID)")
	flags.StringVar(&f.bucket, "bucket", "", "bucket of the data lake (default the one that Security Lake names)")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print the policies and requests, and change nothing")
	flags.BoolVar(&f.json, "json", false, "one JSON object on stdout")
	completeMappings(cmd)
	return describeExits(cmd, exits{"registered, or printed", "failed; the message says what is there and what is not", "the call or the mapping is wrong: nothing was done"})
}

// wantedSources are the custom sources that the mappings fill.
func (a *app) wantedSources(cmd *cobra.Command, f *sourceFlags) (all []securitylake.Source, err error) {
	if f.Settings, err = a.settings(cmd); err != nil {
		return nil, err
	}
	if f.external = orElse(f.external, a.getenv("EXTERNAL_ID")); f.external == "" {
		return nil, errors.New("give a text of your own with --writer-id: whoever writes to the lake must know it")
	}
	e, err := a.engine(&f.Settings)
	if err != nil {
		return nil, err
	}
	sources, err := a.sources(cmd, &f.Settings, e)
	if err != nil {
		return nil, err
	}
	for _, t := range pipeline.Tables(e, sources) {
		all = append(all, securitylake.Source{Name: t.Source, Class: strings.ToUpper(t.Layout.Class.Name), Bucket: f.bucket,
			Region: f.Region, Account: f.writer, ExternalID: f.external})
	}
	if len(all) == 0 {
		return nil, errors.New("these mappings fill no custom source")
	}
	return all, nil
}

// sourcesJSON is what `source create --json` prints.
type sourcesJSON struct {
	Calls      []securitylake.Call       `json:"calls,omitempty"`
	Sources    []securitylake.Registered `json:"sources,omitempty"`
	Parameters map[string]string         `json:"parameters,omitempty"`
}

func (a *app) sourceCreate(ctx context.Context, cmd *cobra.Command, f *sourceFlags) error {
	wanted, err := a.wantedSources(cmd, f)
	if err != nil {
		return usage(err)
	}
	c, err := securitylake.NewClient(ctx, f.Region)
	if err != nil {
		return err
	}
	own, err := c.Account(ctx)
	if err != nil {
		return err
	}
	if f.bucket == "" {
		if f.bucket, err = c.Bucket(ctx); err != nil {
			return err
		}
	}
	var faults []error
	for i := range wanted {
		wanted[i].Bucket, wanted[i].Account = f.bucket, orElse(f.writer, own)
		faults = append(faults, wanted[i].Check())
	}
	if err := errors.Join(faults...); err != nil {
		return usage(err)
	}
	var result sourcesJSON
	for _, s := range wanted {
		if f.dryRun {
			result.Calls = append(result.Calls, s.Calls(own)...)
			continue
		}
		made, err := c.Create(ctx, s, own)
		if err != nil {
			return errors.Join(err, a.registeredSoFar(&result, f.json))
		}
		result.Sources = append(result.Sources, made)
	}
	if !f.dryRun {
		result.Parameters = stackParameters(f, wanted, result.Sources)
	}
	return a.printSources(&result, f.json)
}

// registeredSoFar prints what an error has left behind.
func (a *app) registeredSoFar(r *sourcesJSON, asJSON bool) error {
	if len(r.Sources) == 0 {
		return nil
	}
	return a.printSources(r, asJSON)
}

// stackParameters are the parameters of deploy/cloudformation.yaml that follow from what
// was registered. Several sources have a role each, and the stack lists them.
func stackParameters(f *sourceFlags, wanted []securitylake.Source, made []securitylake.Registered) map[string]string {
	p := map[string]string{"AwsBucket": f.bucket, "Region": f.Region, "SourceLocation": orElse(f.Source, wanted[0].Name)}
	if len(made) == 1 {
		p["SourceLocation"], p["RoleArn"], p["ExternalId"] = made[0].Name, made[0].ProviderRole, wanted[0].ExternalID
		return p
	}
	var roles []string
	for _, m := range made {
		roles = append(roles, m.ProviderRole)
	}
	p["OcsfClass"], p["SluiceRoleArns"], p["ExternalId"] = "BY_CLASS", strings.Join(roles, ","), wanted[0].ExternalID
	if parts := strings.Split(made[0].ProviderRole, ":"); len(parts) == 6 {
		p["ProviderAccountId"] = parts[4]
	}
	return p
}

func (a *app) printSources(r *sourcesJSON, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(a.data()).Encode(r)
	}
	s := &sheet{}
	for _, call := range r.Calls {
		text, err := json.MarshalIndent(call.Input, "", "  ")
		if err != nil {
			return err
		}
		s.line("%s %s", call.Service, call.Operation)
		printf(&s.b, "%s\n", cleanLines(string(text)))
	}
	if len(r.Calls) > 0 {
		s.line("nothing was changed: these requests would be sent without --dry-run")
	}
	s.registered(r.Sources)
	if len(r.Parameters) > 0 {
		s.line("parameters of the stack (deploy/cloudformation.yaml):")
		for _, name := range []string{"AwsBucket", "Region", "OcsfClass", "SourceLocation", "RoleArn", "ProviderAccountId", "SluiceRoleArns", "ExternalId"} {
			if value := r.Parameters[name]; value != "" {
				s.line("  %s=%s", name, value)
			}
		}
	}
	return s.writeTo(a.Out)
}

func (s *sheet) registered(all []securitylake.Registered) {
	for _, r := range all {
		s.line("%s", r.Name)
		s.line("  role that writes  %s", r.ProviderRole)
		s.line("  location          %s", r.Location)
		s.line("  table             %s", r.Table)
	}
}

func (a *app) newSourceList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list [flags]",
		Short:   "List the custom sources of a data lake",
		Long:    "List prints the custom sources that Security Lake has in a region.",
		Example: "  sluice source list --region eu-west-1",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.lakeService(cmd)
			if err != nil {
				return err
			}
			all, err := c.List(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(a.data()).Encode(sourcesJSON{Sources: all})
			}
			s := &sheet{}
			if len(all) == 0 {
				s.line("there is no custom source: `sluice source create` registers them")
			}
			s.registered(all)
			return s.writeTo(a.Out)
		},
	}
	settingFlags(cmd, "region")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object on stdout")
	return describeExits(cmd, exits{"listed", "failed", "the call is wrong"})
}

func (a *app) newSourceDelete() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "delete [flags] SOURCE…",
		Short: "Remove custom sources from a data lake",
		Long: `Delete removes custom sources from Security Lake, and the role of the crawler that
create made for each. Objects and tables stay.`,
		Example: "  sluice source delete --region eu-west-1 wazuh",
		Args:    atLeast(1, "at least one custom source"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.lakeService(cmd)
			if err != nil {
				return err
			}
			for _, name := range args {
				if dryRun {
					printf(a.Out, "would remove the source %s and the role of its crawler\n", name)
					continue
				}
				if err := c.Delete(cmd.Context(), name); err != nil {
					return err
				}
				printf(a.Out, "removed %s; its objects stay\n", name)
			}
			return nil
		},
	}
	settingFlags(cmd, "region")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only say what would be removed")
	return describeExits(cmd, exits{"removed", "failed; those before the one that is named are removed", "the call is wrong"})
}

// lakeService is the client of the region that the flags name.
func (a *app) lakeService(cmd *cobra.Command) (*securitylake.Client, error) {
	s, err := a.settings(cmd)
	if err != nil {
		return nil, usage(err)
	}
	c, err := securitylake.NewClient(cmd.Context(), s.Region)
	if err != nil {
		return nil, fmt.Errorf("opening Security Lake of %s: %w", s.Region, err)
	}
	return c, nil
}
