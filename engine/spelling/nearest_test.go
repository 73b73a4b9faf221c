package spelling

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"activity_id", "finding_info", "message", "severity", "severity_id", "time", "$each", "$when"}
	for written, want := range map[string]string{
		"mesage": "message", "messgae": "message", "Message": "message", "severty": "severity", "severity_di": "severity_id",
		"finding": "finding_info", "$eech": "$each", "tiem": "time",
		"": "", "x": "", "id": "", "unmapped": "", "info": "finding_info", "class_uid": "",
	} {
		if got := Nearest(written, names); got != want {
			t.Errorf("%q: %q, want %q", written, got, want)
		}
	}
	if got := DidYouMean("mesage", names); got != "; did you mean `message`?" {
		t.Error(got)
	}
	if got := DidYouMean("nothing like it", names); got != "" {
		t.Error(got)
	}
}
