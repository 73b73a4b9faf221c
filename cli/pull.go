package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine/lazyregexp"
	"github.com/sluice-lake/sluice/runtime/feed"
	"github.com/sluice-lake/sluice/runtime/indexer"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// pullFlags are what `sluice pull` was told.
type pullFlags struct {
	feedFlags
	adopt []string
}

func (a *app) newPull() *cobra.Command {
	var f pullFlags
	cmd := &cobra.Command{
		Use:   "pull [flags] INDEX…",
		Short: "Write alerts into the lake as the indexer gets them, each once",
		Long: `Pull reads the indices of the Wazuh indexer (OpenSearch) that the patterns name, and
writes what they have got: every --every, or when there is much of it. It reads each
shard by the numbers that OpenSearch gives to documents as they arrive (_seq_no), and
not by time: an alert that is indexed late is read, and none is read twice. How far it
came is in --state, a file or an object in a bucket. It notes there what it writes next
before it writes it, so whatever happens to it, to the indexer or to the lake, each
document gets there once.

The first start begins with the first document of every index. A name with - before it
leaves out indices that names before it have. An index that was
restored from a snapshot, or created anew under a name that is known, is not read until
--adopt says which of the two it is.

User and password are in SLUICE_INDEXER_USER and SLUICE_INDEXER_PASSWORD, or the
password in the file SLUICE_INDEXER_PASSWORD_FILE; for a certificate of the client see
SLUICE_INDEXER_CERT, for domains that AWS manages SLUICE_INDEXER_AWS. The user needs the
right to read the indices, and indices:monitor/stats; with indices:admin/refresh it need
not wait.

With --raw the documents themselves go to -o, as gzip objects for the function. Messages
are JSON lines on stderr. --listen serves metrics for Prometheus at /metrics, and
/healthz. SIGHUP and SIGTERM do what they do to follow.`,
		Example: `  sluice pull --indexer-ca root-ca.pem 'wazuh-alerts-4.x-*'
  sluice pull --indexer https://10.0.0.5:9200 -o s3://my-lake --state /var/lib/sluice/pull 'wazuh-alerts-4.x-*' 'wazuh-findings-v5-*'
  sluice pull -o s3://my-lake -- 'wazuh-alerts-4.x-*' '-wazuh-alerts-4.x-2025.*'
  sluice pull --adopt wazuh-alerts-4.x-2026.03.14 'wazuh-alerts-4.x-*'`,
		Args: atLeast(1, "at least one index or pattern: 'wazuh-alerts-4.x-*'"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.pull(cmd.Context(), cmd, &f, args) },
	}
	settingFlags(cmd, "indexer", "indexer-ca")
	f.add(a, cmd, "file or s3://BUCKET/KEY that keeps how far each shard is read (default pull.state in the folder of -o, else in the current one)", "write the documents themselves, as gzip objects")
	cmd.Flags().StringArrayVar(&f.adopt, "adopt", nil, "index that is another one than before under its name: NAME if it was restored, NAME=new if it was created again (repeatable)")
	completeMappings(cmd)
	return describeExits(cmd, exits{"it was asked to end; everything that had arrived is written, or will be at the next start", "failed; the message says why", "the call or the mapping is wrong: nothing was read or written", ""})
}

// pull settles what is pulled and where it goes, and pulls until the context ends.
func (a *app) pull(ctx context.Context, cmd *cobra.Command, f *pullFlags, args []string) error {
	adopt, err := adoptions(f.adopt)
	if err = errors.Join(a.feedSettings(cmd, &f.feedFlags), err, checkPatterns(args)); err != nil {
		return usage(err)
	}
	client, err := indexerClient(ctx, &f.Settings)
	if err != nil {
		return usage(err)
	}
	return a.feed(ctx, cmd, &f.feedFlags, func(ctx context.Context, w *feedWriter, c feed.Config) (runner, error) {
		puller, err := feed.NewPuller(ctx, c, feed.Indices{Client: client, Patterns: args, Adopt: adopt})
		if err != nil {
			return nil, err
		}
		w.metrics.lag("documents", "", puller.Lag)
		w.log.Info("pulling", "indices", args, "indexer", f.Indexer.URLs, "out", f.Out, "state", f.state, "every", f.every.String())
		return puller, nil
	})
}

var indexName = lazyregexp.MustCompile(`^-?[a-z0-9.*][a-z0-9._*+-]*$`)

func checkPatterns(patterns []string) error {
	var errs []error
	if strings.HasPrefix(patterns[0], "-") { // OpenSearch would not leave out anything
		errs = append(errs, fmt.Errorf("%s leaves out indices, and none is named before it", patterns[0]))
	}
	for _, p := range patterns {
		if !indexName().MatchString(p) {
			errs = append(errs, fmt.Errorf("%q is not the name of an index: write lower-case letters, digits, and * for any: 'wazuh-alerts-4.x-*'", p))
		}
	}
	return errors.Join(errs...)
}

func adoptions(flags []string) (map[string]feed.Adoption, error) {
	all := map[string]feed.Adoption{}
	for _, text := range flags {
		name, how, given := strings.Cut(text, "=")
		switch {
		case !given:
			all[name] = feed.Restored
		case how == "new":
			all[name] = feed.Anew
		default:
			return nil, fmt.Errorf("--adopt is %q: write the name of an index, and =new behind it if it was created anew", text)
		}
	}
	return all, nil
}

// indexerClient reads the files of the settings.
func indexerClient(ctx context.Context, s *settings.Settings) (*indexer.Client, error) {
	x := &s.Indexer
	if x.URLs == nil {
		x.URLs = []string{"https://127.0.0.1:9200"}
	}
	o := indexer.Options{URLs: x.URLs, User: x.User, Password: x.Password}
	password, err := secret("SLUICE_INDEXER_PASSWORD_FILE", x.PasswordFile)
	errs := []error{err}
	if password != nil {
		o.Password = strings.TrimRight(string(password), "\r\n")
	}
	for _, file := range []struct {
		what, name string
		to         *[]byte
	}{{"--indexer-ca", x.CA, &o.CA}, {"SLUICE_INDEXER_CERT", x.Certificate, &o.Certificate}, {"SLUICE_INDEXER_KEY", x.Key, &o.Key}} {
		*file.to, err = secret(file.what, file.name)
		errs = append(errs, err)
	}
	switch {
	case (o.User == "") != (o.Password == ""):
		errs = append(errs, errors.New("SLUICE_INDEXER_USER and SLUICE_INDEXER_PASSWORD belong together: set both or none"))
	case x.AWS != "" && o.User != "":
		errs = append(errs, errors.New("SLUICE_INDEXER_AWS signs requests, and SLUICE_INDEXER_USER gives a user: set one of them"))
	case x.AWS != "":
		o.Sign, err = s3.Signer(ctx, s3.Options{}, x.AWS)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return indexer.New(o)
}

// secret reads a file that may hold a secret, nil if none is named. No message quotes it.
func secret(what, path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w: check the name, and that this user may read it", what, path, err)
	}
	return text, nil
}
