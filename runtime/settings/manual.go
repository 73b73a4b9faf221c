package settings

import "strings"

// Markdown returns the table of variables for the manual.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| variable | flag | meaning | default of the command line | default of the function |\n|---|---|---|---|---|\n")
	for _, v := range variables {
		flag := ""
		if v.Flag != "" {
			flag = "`--" + v.Flag + "`"
		}
		defaults := [2]string{v.Default, v.InFunction}
		if defaults[1] == "" {
			defaults[1] = v.Default
		}
		for i, door := range []Door{CommandLine, Function} {
			if v.Doors&door == 0 {
				defaults[i] = "not read"
			}
		}
		b.WriteString("| `" + v.Name + "` | " + flag + " | " + v.Meaning + " | " + defaults[0] + " | " + defaults[1] + " |\n")
	}
	return b.String()
}
