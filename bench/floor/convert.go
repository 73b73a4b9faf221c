package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

const (
	chunkSize   = 2 << 20
	rowsInGroup = 122_880
)

// job is one conversion. Workers take turns at reading chunks of whole lines
// and at committing row groups.
type job struct {
	reading sync.Mutex
	in      *os.File
	carried []byte // the start of a line whose end is in the next chunk
	ended   bool

	committing sync.Mutex
	rows       atomic.Int64
}

func convert(input, output string, workers int) (int64, error) {
	in, err := os.Open(input)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.Create(output)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	w := parquet.NewGenericWriter[any](out, schema(), parquet.Compression(&zstd.Codec{}), parquet.DictionaryMaxBytes(1<<20))
	j := &job{in: in}
	failed := make([]error, workers)
	var group sync.WaitGroup
	for i := range workers {
		rg := w.BeginRowGroup()
		group.Go(func() { failed[i] = j.work(rg) })
	}
	group.Wait()
	for _, err := range failed {
		if err != nil {
			return 0, err
		}
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return j.rows.Load(), out.Close()
}

func (j *job) work(rg *parquet.ConcurrentRowGroupWriter) error {
	c := newColumns(rg)
	chunk := make([]byte, 0, chunkSize+chunkSize/4)
	for {
		var err error
		if chunk, err = j.next(chunk[:0]); err != nil || len(chunk) == 0 {
			if err == nil {
				err = j.commit(rg, c)
			}
			return err
		}
		if err := c.appendLines(chunk); err != nil {
			return err
		}
		if c.rows >= rowsInGroup {
			if err := j.commit(rg, c); err != nil {
				return err
			}
		}
	}
}

// next reads a chunk of whole lines into buf; it is empty at the end.
func (j *job) next(buf []byte) ([]byte, error) {
	j.reading.Lock()
	defer j.reading.Unlock()
	buf = append(buf, j.carried...)
	j.carried = j.carried[:0]
	for !j.ended {
		if cap(buf)-len(buf) < chunkSize/2 {
			buf = append(buf, make([]byte, chunkSize)...)[:len(buf)]
		}
		n, err := j.in.Read(buf[len(buf):min(cap(buf), len(buf)+chunkSize)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			j.ended = true
			break
		}
		if err != nil {
			return nil, err
		}
		if len(buf) < chunkSize {
			continue
		}
		if end := bytes.LastIndexByte(buf, '\n') + 1; end > 0 {
			j.carried = append(j.carried, buf[end:]...)
			return buf[:end], nil
		}
	}
	return buf, nil
}

// commit encodes the worker's row group, and in its turn puts it into the file.
func (j *job) commit(rg *parquet.ConcurrentRowGroupWriter, c *columns) error {
	if c.rows == 0 {
		return nil
	}
	if err := rg.Flush(); err != nil {
		return err
	}
	j.committing.Lock()
	defer j.committing.Unlock()
	n, err := rg.Commit()
	if err != nil {
		return err
	}
	if int(n) != c.rows {
		return fmt.Errorf("%d rows were written, not %d", n, c.rows)
	}
	j.rows.Add(n)
	c.rows = 0
	return nil
}
