package deployment

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
)

// Column is a column of a table, with its type as Glue spells it.
type Column struct{ Name, Type string }

// TableOf returns the database and the table that Security Lake makes for a custom source.
func TableOf(region, source string) (database, table string) {
	region = strings.ReplaceAll(region, "-", "_")
	plain := strings.NewReplacer("-", "_", ".", "_", ":", "_").Replace(strings.ToLower(source))
	return "amazon_security_lake_glue_db_" + region, "amazon_security_lake_table_" + region + "_ext_" + plain
}

// Columns returns the columns of a table of Glue, without those of its partitions. It needs
// glue:GetTable.
func (c *Client) Columns(ctx context.Context, database, table string) (all []Column, err error) {
	var said struct {
		Table struct {
			StorageDescriptor struct{ Columns []Column }
		}
	}
	r := request{service: "glue", right: "glue:GetTable on the database and the table", what: "look at the table " + database + "." + table}.
		json("AWSGlue.GetTable", map[string]string{"DatabaseName": database, "Name": table})
	err = c.send(ctx, r, func(b []byte) error { return json.Unmarshal(b, &said) })
	return said.Table.StorageDescriptor.Columns, err
}

// Key is a key of AWS KMS.
type Key struct {
	ARN   string
	State string // Enabled, Disabled, PendingDeletion and so on
}

// Key returns a key by its id, alias or ARN. It needs kms:DescribeKey.
func (c *Client) Key(ctx context.Context, id string) (*Key, error) {
	var said struct {
		KeyMetadata struct{ Arn, KeyState string }
	}
	r := request{service: "kms", right: "kms:DescribeKey on " + id, what: "look at the key " + id}.
		json("TrentService.DescribeKey", map[string]string{"KeyId": id})
	err := c.send(ctx, r, func(b []byte) error { return json.Unmarshal(b, &said) })
	return &Key{said.KeyMetadata.Arn, said.KeyMetadata.KeyState}, err
}

// MayEncrypt returns an error if the identity may not encrypt with a key. It asks on the
// condition that nothing is done (DryRun), which takes the right kms:GenerateDataKey alone.
func (c *Client) MayEncrypt(ctx context.Context, id string) error {
	r := request{service: "kms", right: "kms:GenerateDataKey on " + id + ", in its own policy and in that of the key", what: "encrypt with the key " + id}.
		json("TrentService.GenerateDataKey", map[string]any{"KeyId": id, "KeySpec": "AES_256", "DryRun": true})
	err := c.send(ctx, r, func([]byte) error { return nil })
	var f *Fault
	if errors.As(err, &f) && f.Code == "DryRunOperationException" {
		return nil
	}
	return err
}
