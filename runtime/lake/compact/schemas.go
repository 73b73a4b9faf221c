package compact

import "sync"

// schemas numbers the schemas of a partition. Several goroutines may use it.
type schemas struct {
	mu      sync.Mutex
	numbers map[string]int
}

func (s *schemas) number(schema string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.numbers[schema]
	if !ok {
		if s.numbers == nil {
			s.numbers = map[string]int{}
		}
		n = len(s.numbers)
		s.numbers[schema] = n
	}
	return n
}
