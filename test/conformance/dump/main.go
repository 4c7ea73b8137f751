// Dump writes OPA's own conformance cases, compiled to WASM, to its standard output.
//
//	dump [-only text] [-note note] <folder of the cases>
//
// A case is compiled as OPA's own test of its WASM does it (internal/wasm/sdk/test/e2e/external_test.go). A record is two lengths of
// four bytes, big-endian, then a header in JSON and the module. The headers' order is that of the cases' notes.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/test/cases"
	"github.com/open-policy-agent/opa/v1/types"
)

// What a record says of its case. Values are text as a module reads it (JSON with sets), so that numbers stay as they are written.
type header struct {
	Note         string            `json:"note"`
	Category     string            `json:"category"` // the folder
	File         string            `json:"file"`
	Query        string            `json:"query"`
	Modules      []string          `json:"modules"`
	Data         *string           `json:"data,omitempty"`
	Input        *string           `json:"input,omitempty"`
	WantDefined  *bool             `json:"want_defined,omitempty"`
	WantResult   *string           `json:"want_result,omitempty"` // an array of objects
	WantCode     *string           `json:"want_error_code,omitempty"`
	WantError    *string           `json:"want_error,omitempty"`
	StrictError  bool              `json:"strict_error,omitempty"`
	SortBindings bool              `json:"sort_bindings,omitempty"`
	Env          map[string]string `json:"env,omitempty"`
	CompileError string            `json:"compile_error,omitempty"` // there is no module then
}

type record struct {
	header []byte
	module []byte
}

func main() {
	only := flag.String("only", "", "the cases whose note, category or file has this in it")
	note := flag.String("note", "", "the case of this note")
	flag.Parse()
	// One of the cases calls it.
	rego.RegisterBuiltin1(&rego.Function{
		Name: "test.sleep",
		Decl: types.NewFunction(types.Args(types.S), types.NewNull()),
	}, func(_ rego.BuiltinContext, operand *ast.Term) (*ast.Term, error) {
		duration, err := time.ParseDuration(string(operand.Value.(ast.String)))
		time.Sleep(duration)
		return ast.NullTerm(), err
	})

	set, err := cases.Load(flag.Arg(0))
	if err == nil && len(set.Cases) == 0 {
		err = fmt.Errorf("there are no cases in %s", flag.Arg(0))
	}
	if err == nil {
		err = dump(os.Stdout, chosen(set.Sorted().Cases, *only, *note))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func chosen(all []cases.TestCase, only, note string) []cases.TestCase {
	var some []cases.TestCase
	for _, tc := range all {
		where := category(tc) + "/" + filepath.Base(tc.Filename)
		if (note == "" || tc.Note == note) && (strings.Contains(tc.Note, only) || strings.Contains(where, only)) {
			some = append(some, tc)
		}
	}
	return some
}

func category(tc cases.TestCase) string {
	return filepath.Base(filepath.Dir(tc.Filename))
}

// dump compiles with as many goroutines as there are processors, and writes in order. Who reads slowly holds up the compiling.
func dump(out io.Writer, all []cases.TestCase) error {
	workers := runtime.NumCPU()
	results := make([]chan record, len(all))
	for at := range results {
		results[at] = make(chan record, 1)
	}
	ahead := make(chan struct{}, 4*workers)
	tasks := make(chan int)
	for range workers {
		go func() {
			for at := range tasks {
				results[at] <- compiled(all[at])
			}
		}()
	}
	go func() {
		for at := range all {
			ahead <- struct{}{}
			tasks <- at
		}
		close(tasks)
	}()

	buffered := bufio.NewWriterSize(out, 1<<16)
	for at := range results {
		result := <-results[at]
		<-ahead
		lengths := binary.BigEndian.AppendUint32(nil, uint32(len(result.header)))
		lengths = binary.BigEndian.AppendUint32(lengths, uint32(len(result.module)))
		for _, part := range [][]byte{lengths, result.header, result.module} {
			if _, err := buffered.Write(part); err != nil {
				return err
			}
		}
		if err := buffered.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func compiled(tc cases.TestCase) record {
	h := header{
		Note:         tc.Note,
		Category:     category(tc),
		File:         filepath.Base(tc.Filename),
		Query:        tc.Query,
		Modules:      tc.Modules,
		WantDefined:  tc.WantDefined,
		WantCode:     tc.WantErrorCode,
		WantError:    tc.WantError,
		StrictError:  tc.StrictError,
		SortBindings: tc.SortBindings,
		Env:          tc.Env,
	}
	if tc.Data != nil {
		h.Data = text(ast.MustInterfaceToValue(*tc.Data))
	}
	if tc.InputTerm != nil {
		h.Input = text(ast.MustParseTerm(*tc.InputTerm).Value)
	} else if tc.Input != nil {
		h.Input = text(ast.MustInterfaceToValue(*tc.Input))
	}
	if tc.WantResult != nil {
		h.WantResult = text(ast.MustInterfaceToValue(*tc.WantResult))
	}
	module, err := module(tc)
	if err != nil {
		h.CompileError = err.Error()
	}
	encoded, err := json.Marshal(h)
	if err != nil {
		panic(err)
	}
	return record{header: encoded, module: module}
}

func module(tc cases.TestCase) ([]byte, error) {
	options := []func(*rego.Rego){
		rego.Query(tc.Query),
		rego.SetRegoVersion(ast.RegoV1),
		rego.Capabilities(ast.CapabilitiesForThisVersion(ast.CapabilitiesExperimentalKeywords(tc.ExperimentalKeywords))),
	}
	for at, source := range tc.Modules {
		options = append(options, rego.Module(fmt.Sprintf("module-%d.rego", at), source))
	}
	result, err := rego.New(options...).Compile(context.Background())
	if err != nil {
		return nil, err
	}
	return result.Bytes, nil
}

// text writes a value as a module reads it. String() would not do: it writes strings as Go's source has them.
func text(value ast.Value) *string {
	var b strings.Builder
	write(&b, value)
	s := b.String()
	return &s
}

func write(b *strings.Builder, value ast.Value) {
	between := func(at int) {
		if at > 0 {
			b.WriteString(", ")
		}
	}
	switch v := value.(type) {
	case ast.String:
		var quoted bytes.Buffer
		encoder := json.NewEncoder(&quoted)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(string(v)); err != nil {
			panic(err)
		}
		b.Write(bytes.TrimSpace(quoted.Bytes()))
	case *ast.Array:
		b.WriteString("[")
		for at := range v.Len() {
			between(at)
			write(b, v.Elem(at).Value)
		}
		b.WriteString("]")
	case ast.Object:
		b.WriteString("{")
		for at, key := range v.Keys() {
			between(at)
			write(b, key.Value)
			b.WriteString(": ")
			write(b, v.Get(key).Value)
		}
		b.WriteString("}")
	case ast.Set:
		if v.Len() == 0 {
			b.WriteString("set()")
			return
		}
		b.WriteString("{")
		for at, member := range v.Slice() {
			between(at)
			write(b, member.Value)
		}
		b.WriteString("}")
	default: // null, booleans, numbers
		b.WriteString(value.String())
	}
}
