package expression

import "github.com/expr-lang/expr/ast"

// Place is a place in the source: an offset, in bytes, in the text of an
// expression, or of the function or argument that is put in place in it.
type Place struct {
	Offset   int
	Function *Definition // nil if it is not in the body of a function
	Argument *Bound      // nil if it is not in an argument of a part
}

// place returns the place of a node in its own text.
func (f *frame) place(n ast.Node) Place {
	p := f.written
	p.Offset = f.src.offset(n.Location().From)
	return p
}

// ReadAt returns where Reads[i] is read first.
func (p *Program) ReadAt(i int) Place { return p.places[i] }
