package glue

import (
	"fmt"
	"strings"
)

// Statement returns the CREATE TABLE with which Athena creates the table that the
// crawler of Security Lake creates by itself: the columns, and the partitions of
// the objects' keys. Location is the folder above `region=`.
func Statement(name, location string, columns []Column) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE EXTERNAL TABLE IF NOT EXISTS %s (\n", quoteName(name))
	for i, c := range columns {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "  %s %s", quoteName(c.Name), definition(c.Type))
	}
	b.WriteString("\n)\nPARTITIONED BY (\n  `region` string,\n  `accountId` string,\n  `eventDay` string\n)\n")
	fmt.Fprintf(&b, "STORED AS PARQUET\nLOCATION '%s';\n", strings.ReplaceAll(location, "'", "''"))
	return b.String()
}

// definition spells the type with the names quoted that Athena's DDL reserves.
func definition(t Type) string {
	switch {
	case t.Element != nil:
		return "array<" + definition(*t.Element) + ">"
	case t.Value != nil:
		return "map<string," + definition(*t.Value) + ">"
	case t.Fields == nil:
		return t.Scalar
	}
	fields := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		name := f.Name
		if strings.Contains(reserved, " "+strings.ToUpper(name)+" ") {
			name = quoteName(name)
		}
		fields[i] = name + ":" + definition(f.Type)
	}
	return "struct<" + strings.Join(fields, ",") + ">"
}

func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// reserved are the words of Athena's DDL that must be quoted as names (Athena user
// guide, "Escape reserved keywords").
const reserved = ` ALL ALTER AND ARRAY AS AUTHORIZATION BETWEEN BIGINT BINARY BOOLEAN BOTH BY CASE CASHE CAST CHAR ` +
	`COLUMN CONF CONSTRAINT COMMIT CREATE CROSS CUBE CURRENT CURRENT_DATE CURRENT_TIMESTAMP CURSOR DATABASE DATE ` +
	`DAYOFWEEK DECIMAL DELETE DESCRIBE DISTINCT DIV DOUBLE DROP ELSE END EXCHANGE EXISTS EXTENDED EXTERNAL EXTRACT ` +
	`FALSE FETCH FLOAT FLOOR FOLLOWING FOR FOREIGN FROM FULL FUNCTION GRANT GROUP GROUPING HAVING IF IMPORT IN INNER ` +
	`INSERT INT INTEGER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LESS LIKE LOCAL MACRO MAP MORE NONE NOT NULL ` +
	`NUMERIC OF ON ONLY OR ORDER OUT OUTER OVER PARTIALSCAN PARTITION PERCENT PRECEDING PRECISION PRESERVE PRIMARY ` +
	`PROCEDURE RANGE READS REDUCE REGEXP REFERENCES REVOKE RIGHT RLIKE ROLLBACK ROLLUP ROW ROWS SELECT SET SMALLINT ` +
	`START TABLE TABLESAMPLE THEN TIME TIMESTAMP TO TRANSFORM TRIGGER TRUE TRUNCATE UNBOUNDED UNION UNIQUEJOIN UPDATE ` +
	`USER USING UTC_TIMESTAMP VALUES VARCHAR VIEWS WHEN WHERE WINDOW WITH `
