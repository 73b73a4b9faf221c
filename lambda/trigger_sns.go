package lambda

// sns reads what the messages carry: those of an invocation by SNS, or the one of
// an envelope that SNS puts into a queue.
func (s *shape) sns() ([]target, error) {
	if s.Message != nil {
		return carried(*s.Message)
	}
	var found []target
	for _, r := range s.Records {
		if r.Sns == nil {
			continue
		}
		more, err := carried(r.Sns.Message)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}
