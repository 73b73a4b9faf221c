package pipeline_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/source"
)

const logins = `mapping: example/logins
schema: 1.1.0
class: authentication
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  user: {name: =data.dstuser}
  service: {name: sshd}
  metadata: {product: {name: Wazuh, vendor_name: "Wazuh, Inc."}}
`

// One run over alerts in memory. Events go to a stream as JSON lines; with Out in
// place of Events they would become Parquet objects in a lake.
func ExampleRun() {
	alerts := `{"timestamp": "2026-03-14T06:00:00.000+0000", "data": {"dstuser": "alice"}}
{"timestamp": "yesterday", "data": {"dstuser": "bob"}}
`
	input := source.Input{Name: "memory", Size: int64(len(alerts)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(alerts)), nil
	}}
	folder, err := os.MkdirTemp("", "rejects")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	rejects, err := dir.Open(folder, dir.Private)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rejects.Close()
	e, err := engine.Compile([]engine.File{{Name: "logins.yaml", Text: []byte(logins)}}, engine.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := pipeline.Run(context.Background(), pipeline.Config{
		Engine: e, Inputs: []source.Input{input}, Workers: 2, Events: os.Stdout, Rejects: rejects,
	})
	fmt.Println(result.Lines, "lines,", result.Events, "event,", result.Rejects, "reject,", err)
	// Output:
	// {"activity_id":1,"activity_name":"Logon","category_name":"Identity & Access Management","category_uid":3,"class_name":"Authentication","class_uid":3002,"metadata":{"product":{"name":"Wazuh","vendor_name":"Wazuh, Inc."},"version":"1.1.0"},"service":{"name":"sshd"},"severity":"Informational","severity_id":1,"time":1773468000000,"type_name":"Authentication: Logon","type_uid":300201,"user":{"name":"alice"}}
	// 2 lines, 1 event, 1 reject, <nil>
}
