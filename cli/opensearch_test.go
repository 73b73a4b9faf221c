//go:build integration && unix

package cli_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The OpenSearch that is pulled, from Maven Central.
const (
	openSearch       = "2.19.3"
	openSearchDigest = "760530e522de0a9f06380d4a4a43dfd83c31fa8911f41745513ce715ed5dfd03"
)

// node is a node of OpenSearch of its own, in a folder that ends with the test.
type node struct {
	t      *testing.T
	url    string
	folder string
	cmd    *exec.Cmd
}

// startOpenSearch starts a node. It needs Maven, Java 11 to 21 and, once, a network. Where
// that is not to be had the test says so; OPENSEARCH=require makes that a failure.
func startOpenSearch(t *testing.T) *node {
	t.Helper()
	without := func(format string, a ...any) {
		t.Helper()
		if os.Getenv("OPENSEARCH") == "require" {
			t.Fatalf(format, a...)
		}
		t.Skipf("no OpenSearch was pulled: "+format, a...)
	}
	if out, err := exec.Command("java", "-version").CombinedOutput(); err != nil {
		without("java -version: %v: %.100s", err, out)
	}
	archive, err := openSearchArchive()
	if err != nil {
		without("%v", err)
	}
	folder, err := os.MkdirTemp("", "opensearch") // t.TempDir's are closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	port, err := freePort()
	if err = errors.Join(err, unpack(archive, folder), giveAway(folder)); err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, url: "http://127.0.0.1:" + port, folder: folder}
	n.start()
	t.Cleanup(n.kill)
	return n
}

// openSearchArchive returns the archive of OpenSearch in the user's cache. It is got once.
func openSearchArchive() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "sluice", "opensearch")
	archive := filepath.Join(folder, "opensearch-"+openSearch+".zip")
	if _, err := os.Stat(archive); err != nil {
		out, err := exec.Command("mvn", "-q", "-B", "dependency:copy", "-Dartifact=org.opensearch.distribution.integ-test-zip:opensearch:"+openSearch+":zip",
			"-DoutputDirectory="+folder).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("mvn: %w: %.300s", err, out)
		}
	}
	text, err := os.ReadFile(archive)
	if err != nil {
		return "", err
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != openSearchDigest {
		return "", errors.Join(fmt.Errorf("%s has another digest than it should: it is removed", archive), os.Remove(archive))
	}
	return archive, nil
}

func unpack(archive, folder string) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, f := range z.File {
		_, name, _ := strings.Cut(f.Name, "/") // the folder of the version
		if name == "" || !filepath.IsLocal(name) {
			continue
		}
		path := filepath.Join(folder, name)
		if f.FileInfo().IsDir() {
			err = os.MkdirAll(path, 0o755)
		} else {
			err = unpackFile(f, path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func unpackFile(f *zip.File, path string) error {
	from, err := f.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, f.Mode()|0o444)
	if err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o755)); err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// nobody is who runs the node where the test is run by root: OpenSearch refuses that.
const nobody = 65534

func giveAway(folder string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chmod(folder, 0o755), os.Chown(path, nobody, nobody))
	})
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

func (n *node) start() {
	n.t.Helper()
	_, port, _ := strings.Cut(strings.TrimPrefix(n.url, "http://"), ":")
	inner, err := freePort()
	if err != nil {
		n.t.Fatal(err)
	}
	n.cmd = exec.Command(filepath.Join(n.folder, "bin", "opensearch"), "-Ediscovery.type=single-node", "-Ehttp.port="+port,
		"-Etransport.port="+inner, "-Enetwork.host=127.0.0.1", "-Ecluster.routing.allocation.disk.threshold_enabled=false")
	java, err := filepath.EvalSymlinks(must(exec.LookPath("java")))
	if err != nil {
		n.t.Fatal(err)
	}
	n.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "OPENSEARCH_JAVA_HOME=" + filepath.Dir(filepath.Dir(java)), "OPENSEARCH_JAVA_OPTS=-Xms1g -Xmx1g"}
	n.cmd.Dir = n.folder
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		n.cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if _, err := n.ask("GET", "/_cluster/health?wait_for_status=yellow&timeout=30s", ""); err == nil {
			return
		}
	}
	logs, _ := os.ReadFile(filepath.Join(n.folder, "logs", "opensearch.log"))
	n.t.Fatalf("OpenSearch does not answer: %.2000s", logs)
}

func must(path string, err error) string {
	if err != nil {
		return ""
	}
	return path
}

// kill kills the node and what it has started.
func (n *node) kill() {
	_ = syscall.Kill(-n.cmd.Process.Pid, syscall.SIGKILL)
	_ = n.cmd.Wait() // it was killed
}

func (n *node) ask(method, path, body string) ([]byte, error) {
	r, err := http.NewRequest(method, n.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-ndjson")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %d: %.300s", method, path, answer.StatusCode, text)
	}
	return text, err
}

func (n *node) must(method, path, body string) []byte {
	n.t.Helper()
	text, err := n.ask(method, path, body)
	if err != nil {
		n.t.Fatal(err)
	}
	return text
}

// bulk has one request for documents, as Filebeat sends them: a document of which it does
// not hear whether it was stored is sent again under its _id. Every hundredth is one that
// OpenSearch refuses.
func (n *node) bulk(index string, from, to int) {
	var body strings.Builder
	for id := from; id < to; id++ {
		at := time.Date(2026, 11, 26, 0, 0, 0, id%1000*1e6, time.UTC).Add(time.Duration(id) * time.Millisecond)
		if id%17 == 0 {
			at = at.Add(-20 * time.Hour) // it comes late
		}
		fmt.Fprintf(&body, `{"create":{"_index":"%s","_id":"_%d"}}`+"\n", index, id)
		fmt.Fprintf(&body, `{"id":"%d","@timestamp":"%s","timestamp":"%s","rule":{"id":"5710","level":5,"description":"sshd: Attempt to login using a non-existent user","groups":["syslog","sshd","authentication_failed"],"mitre":{"id":["T1110.001"],"tactic":["Credential Access"],"technique":["Password Guessing"]}},"agent":{"id":"0%02d","name":"web-%02d","ip":"10.0.0.%d"},"manager":{"name":"m"},"full_log":"Nov 26 00:00:00 web sshd[%d]: Invalid user u%d from 192.0.2.%d port %d","decoder":{"parent":"sshd","name":"sshd"},"data":{"srcip":"192.0.2.%d","srcport":"%d","srcuser":"u%d"},"location":"/var/log/auth.log"}`+"\n",
			id, at.Format(time.RFC3339Nano), at.Format("2006-01-02T15:04:05.000-0700"), id%90, id%90, id%250, id%30000, id%500, id%250, id%60000, id%250, id%60000, id%500)
	}
	if from%100 == 0 {
		fmt.Fprintf(&body, `{"create":{"_index":"%s","_id":"refused-%d"}}`+"\n"+`{"id":"refused","rule":{"level":"no number"}}`+"\n", index, from)
	}
	for {
		if _, err := n.ask("POST", "/_bulk?filter_path=took", body.String()); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// documents is how many the test pulls; OPENSEARCH_DOCUMENTS says otherwise.
func documents(t *testing.T) int {
	text := os.Getenv("OPENSEARCH_DOCUMENTS")
	if text == "" {
		return 60_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Law: each document of a real OpenSearch is in the lake once, whenever the process is
// killed, and after the node was.
func TestIntegrationOpenSearch(t *testing.T) {
	n := startOpenSearch(t)
	seed := uint64(time.Now().UnixNano())
	all := documents(t)
	t.Logf("seed %d, %d documents", seed, all)
	random := rand.New(rand.NewPCG(seed, 0))
	indices := []string{"wazuh-alerts-4.x-2026.11.26", "wazuh-alerts-4.x-2026.11.27"}
	for _, index := range indices {
		n.must("PUT", "/"+index, `{"settings":{"number_of_shards":3,"number_of_replicas":0,"refresh_interval":"5s"},"mappings":{"properties":{"@timestamp":{"type":"date"},"rule":{"properties":{"level":{"type":"long"}}}}}}`)
	}
	indexed := make(chan struct{})
	go func() {
		defer close(indexed)
		const batch = 500
		for from := 0; from < all; from += batch {
			n.bulk(indices[from/batch%2], from, min(all, from+batch))
		}
	}()
	out := filepath.Join(t.TempDir(), "lake")
	for turn := range 6 {
		pull := n.pull(out)
		time.Sleep(time.Duration(500+random.IntN(3000)) * time.Millisecond)
		if turn == 3 {
			n.kill()
			time.Sleep(time.Second)
			n.start()
		}
		_ = errors.Join(pull.cmd.Process.Kill(), pull.cmd.Wait())
	}
	<-indexed
	n.deleteSome(indices[0])
	pull := n.pull(out)
	pull.wait("sluice_lag_documents 0", 3*time.Second)
	ended(t, pull.cmd)
	times := found(t, out)
	for id := range all {
		if times[fmt.Sprint(id)] != 1 {
			t.Errorf("document %d is there %d times", id, times[fmt.Sprint(id)])
		}
	}
	if len(times) != all {
		t.Errorf("%d different documents, not %d", len(times), all)
	}
	n.measure(indices, all)
}

// deleteSome stores and deletes documents, so that numbers have none.
func (n *node) deleteSome(index string) {
	for i := range 20 {
		n.must("PUT", fmt.Sprintf("/%s/_doc/gone-%d", index, i), `{"id":"gone"}`)
	}
	n.must("POST", "/"+index+"/_refresh", "")
	for i := range 20 {
		n.must("DELETE", fmt.Sprintf("/%s/_doc/gone-%d", index, i), "")
	}
}

// measure compares how fast documents come with a reader that throws them away.
func (n *node) measure(indices []string, all int) {
	for _, index := range indices {
		n.must("POST", "/"+index+"/_refresh", "")
	}
	began := time.Now()
	read := 0
	for _, index := range indices {
		read += n.throwAway(index)
	}
	bare := time.Since(began)
	began = time.Now()
	pull := n.pull(filepath.Join(n.t.TempDir(), "lake"))
	pull.wait(fmt.Sprintf("sluice_alerts_total %d", all), 0)
	took := time.Since(began)
	ended(n.t, pull.cmd)
	n.t.Logf("%d documents: %.0f/s pulled into a lake (%v, start included), %.0f/s read and thrown away (%v, %d documents)",
		all, float64(all)/took.Seconds(), took.Round(time.Millisecond), float64(read)/bare.Seconds(), bare.Round(time.Millisecond), read)
}

// throwAway reads an index as a plain client does, ten thousand documents at a time.
func (n *node) throwAway(index string) (read int) {
	var pit struct {
		ID string `json:"pit_id"`
	}
	if err := json.Unmarshal(n.must("POST", "/"+index+"/_search/point_in_time?keep_alive=5m", ""), &pit); err != nil {
		n.t.Fatal(err)
	}
	after := ""
	for {
		text, err := n.askJSON(fmt.Sprintf(`{"size":10000,"track_total_hits":false,"pit":{"id":%q,"keep_alive":"5m"},"sort":[{"@timestamp":"asc"},{"_seq_no":"asc"}]%s}`, pit.ID, after))
		if err != nil {
			n.t.Fatal(err)
		}
		i := bytes.LastIndex(text, []byte(`"sort":`))
		if i < 0 {
			return read
		}
		sort, _, _ := bytes.Cut(text[i+len(`"sort":`):], []byte{'}'})
		after = `,"search_after":` + string(sort)
		read += bytes.Count(text, []byte(`"_source":`))
	}
}

func (n *node) askJSON(body string) ([]byte, error) {
	answer, err := http.Post(n.url+"/_search", "application/json", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}

// puller is a process that pulls, and the address of its metrics.
type puller struct {
	t       *testing.T
	cmd     *exec.Cmd
	metrics string
}

func (n *node) pull(out string) *puller {
	n.t.Helper()
	port, err := freePort()
	if err != nil {
		n.t.Fatal(err)
	}
	p := &puller{n.t, exec.Command("sluice", "pull", "--indexer", n.url, "-o", out, "--every", "1s", "--listen", "127.0.0.1:"+port, "wazuh-alerts-4.x-*"), "http://127.0.0.1:" + port + "/metrics"}
	p.cmd.Stderr = os.Stderr
	if os.Getenv("OPENSEARCH_LOG") == "" {
		p.cmd.Stderr = nil
	}
	if err := p.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	return p
}

// wait waits until the metrics have had this for a while.
func (p *puller) wait(text string, while time.Duration) {
	p.t.Helper()
	since := time.Now()
	for end := since.Add(10 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if !strings.Contains(p.metricsNow(), text+"\n") {
			since = time.Now()
		} else if time.Since(since) >= while {
			return
		}
	}
	p.t.Errorf("after ten minutes the metrics have no %s: %s", text, p.metricsNow())
}

// metricsNow is empty until they are served.
func (p *puller) metricsNow() string {
	answer, err := http.Get(p.metrics)
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}
