package verify

import (
	"fmt"

	"github.com/parquet-go/parquet-go/format"
)

// stats are what the file says of a chunk's pages, beside the chunk's own statistics.
type stats struct {
	columns *format.ColumnIndex
	offsets *format.OffsetIndex
}

const rewrite = "write it again from its source: engines leave out rows by what it says"

func (s *stats) open(c *column) (err error) {
	s.columns, s.offsets, err = c.file.Index(c.group, c.index)
	if x := s.columns; err == nil && x != nil && (len(x.MinValues) != len(x.NullPages) || len(x.MaxValues) != len(x.NullPages) ||
		len(x.NullCounts) > 0 && len(x.NullCounts) != len(x.NullPages)) {
		c.add(Statistics, c.place(), "the page index has lists of different lengths", rewrite)
		s.columns = nil
	}
	return err
}

// page compares the page index with a page of n entries, of which so many have a value.
func (s *stats) page(c *column, n, there int) {
	i := c.page - 1
	if x := s.offsets; x != nil && i < len(x.PageLocations) && x.PageLocations[i].FirstRowIndex != c.from {
		c.add(Statistics, c.place(), fmt.Sprintf("page %d begins with row %d, and the page index says %d", i, c.from, x.PageLocations[i].FirstRowIndex), rewrite)
	}
	x := s.columns
	if x == nil || i >= len(x.NullPages) {
		return
	}
	if x.NullPages[i] != (there == 0) {
		c.add(Statistics, c.place(), fmt.Sprintf("page %d has %d values, and the page index says otherwise", i, there), rewrite)
		return
	}
	if len(x.NullCounts) > 0 && x.NullCounts[i] != int64(n-there) {
		c.add(Statistics, c.place(), fmt.Sprintf("page %d has %d nulls, and the page index says %d", i, n-there, x.NullCounts[i]), rewrite)
	}
	if c.part.any && c.part.against(c.leaf.kind, x.MinValues[i], x.MaxValues[i]) == untrue {
		c.add(Statistics, c.place(), fmt.Sprintf("page %d has values outside of the bounds in the page index", i), rewrite)
	}
}

// close compares the statistics of the chunk with its values.
func (s *stats) close(c *column) {
	if x := s.columns; x != nil && len(x.NullPages) != c.page || s.offsets != nil && len(s.offsets.PageLocations) != c.page {
		c.add(Statistics, c.place(), fmt.Sprintf("the column has %d data pages, and the page index another number", c.page), rewrite)
	}
	said := &c.m.RowGroups[c.group].Columns[c.index].MetaData.Statistics
	bounded := len(said.MinValue) > 0 || len(said.MaxValue) > 0
	// Of another program 0 may mean that it does not say.
	if (said.NullCount != 0 || c.report.Own) && said.NullCount != c.nulls {
		c.add(Statistics, c.place(), fmt.Sprintf("the column has %d nulls, and the footer says %d", c.nulls, said.NullCount), rewrite)
	}
	if !bounded {
		return
	}
	if !c.all.any {
		if c.leaf.order != unordered && c.leaf.order != floats {
			c.add(Statistics, c.place(), "the column has no values, and the footer says their bounds", rewrite)
		}
		return
	}
	if c.leaf.order == unordered {
		return
	}
	switch v := c.all.against(c.leaf.kind, said.MinValue, said.MaxValue); {
	case v == untrue:
		c.add(Statistics, c.place(), "the column has values outside of the bounds in the footer", rewrite)
	case v == unclear:
		c.add(Statistics, c.place(), "the bounds in the footer are not of the type of the column", rewrite)
	case v == loose && c.report.Own:
		c.add(Statistics, c.place(), "the bounds in the footer are not the least and the greatest value", rewrite)
	}
}
