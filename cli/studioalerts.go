package cli

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/sluice-lake/sluice/cli/studio"
	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/source"
)

// studioSamples are alerts of testdata/alerts, two of each source.
//
//go:embed studio/samples.ndjson
var studioSamples []byte

// Bounds of what the page loads, and of the alerts beyond them that are counted.
const (
	mostStudioAlerts = 5000
	mostStudioBytes  = 8 << 20
	mostLeftOut      = 200_000
)

// studioTitle is the expression that names an alert for people.
const studioTitle = "rule.description ?? rule.title ?? wazuh.rule.title ?? message ?? full_log ?? event.original"

// studioAlerts reads the alerts that the page shows, and says what it left out.
func (a *app) studioAlerts(ctx context.Context, s *settings.Settings, selection source.Selection, args []string) (alerts []studio.Alert, leftOut string, err error) {
	inputs := []source.Input{{Name: "samples", Size: int64(len(studioSamples)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(studioSamples)), nil
	}}}
	if len(args) > 0 {
		if inputs, err = a.alerts(ctx, s, selection, args); err != nil {
			return nil, "", err
		}
	}
	title, err := engine.CompileExpression("title", studioTitle, nil, engine.Options{})
	if err != nil {
		return nil, "", err
	}
	defer title.Close()
	size, beyond := 0, 0
	for _, in := range inputs {
		for line, err := range linesOf(ctx, in) {
			switch {
			case err != nil:
				return nil, "", err
			case line.Blank:
				continue
			case beyond == mostLeftOut:
				return alerts, tooManyAlerts(len(alerts), "more than "+fmt.Sprint(beyond)), nil
			case beyond > 0, len(alerts) == mostStudioAlerts, size+len(line.Text) > mostStudioBytes:
				beyond++
				continue
			}
			size += len(line.Text)
			line.Text = strings.Clone(alertOf(line).line)
			alerts = append(alerts, studio.Alert{Line: line, Title: titleOf(title, &line)})
		}
	}
	if beyond > 0 {
		leftOut = tooManyAlerts(len(alerts), fmt.Sprint(beyond))
	}
	return alerts, leftOut, nil
}

func tooManyAlerts(loaded int, beyond string) string {
	return fmt.Sprintf("the page has the first %s, and %s are left out: it loads at most %d alerts and %d MiB", plural(loaded, "alert"), beyond, mostStudioAlerts, mostStudioBytes>>20)
}

// titleOf names an alert in a few words: a line that has no title begins with what it is.
func titleOf(title *engine.Expression, line *source.Line) string {
	text := line.Text
	switch {
	case line.Bad != nil:
		text = string(line.Bad.Head)
	case line.Torn == "":
		text = orElse(title.Text(line.Text), text)
	}
	return strings.Clone(shortened(text, 120))
}
