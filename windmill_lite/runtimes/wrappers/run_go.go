// Go: decodes the arguments of a script's main and calls it. Compiled into the script's own package,
// whose names it must not meet: hence the prefix. The request and the answer are written down in
// runtimes/base.py; "names" are the parameters of main in their order.

package inner

import (
	wlJson "encoding/json"
	wlErrors "errors"
	wlFmt "fmt"
	wlIo "io"
	wlOs "os"
	wlReflect "reflect"
	wlRuntime "runtime"
	wlDebug "runtime/debug"
	wlStrings "strings"
)

const wlTextMax = 20_000 // bytes of a message or a stack

type wlRequest struct {
	Args  map[string]wlJson.RawMessage `json:"args"`
	Names []string                     `json:"names"`
	Path  string                       `json:"path"`
}

type wlFailure struct {
	Name    string `json:"name"`
	Message string `json:"message"`
	Stack   string `json:"stack"`
}

// WindmillRun answers one request.
func WindmillRun() {
	var request wlRequest
	text, err := wlIo.ReadAll(wlOs.Stdin)
	if err == nil {
		err = wlJson.Unmarshal(text, &request)
	}
	if err != nil {
		panic(err)
	}
	value, failure := wlCall(request)
	mark, told := "+", value
	if failure != nil {
		mark, told = "-", wlEncoded(failure)
	}
	answer := wlOs.NewFile(4, "answer")
	if _, err := answer.Write(append([]byte(mark), told...)); err != nil {
		panic(err)
	}
}

func wlCall(request wlRequest) (result []byte, failure *wlFailure) {
	defer func() {
		if thrown := recover(); thrown != nil {
			failure = wlPanicked(thrown, request.Path)
		}
	}()
	entry := wlReflect.ValueOf(main)
	values, failure := wlArguments(entry.Type(), request)
	if failure != nil {
		return nil, failure
	}
	returned := entry.Call(values)
	kind := wlReflect.TypeOf((*error)(nil)).Elem()
	if last := len(returned) - 1; last >= 0 && entry.Type().Out(last) == kind {
		if thrown, _ := returned[last].Interface().(error); thrown != nil {
			return nil, &wlFailure{Name: wlNameOf(thrown), Message: wlCut(thrown.Error())}
		}
		returned = returned[:last]
	}
	switch len(returned) {
	case 0:
		return []byte("null"), nil
	case 1:
		result, err := wlJson.Marshal(returned[0].Interface())
		if err != nil {
			message := "the result cannot be written as JSON: " + err.Error()
			return nil, &wlFailure{Name: "NotJsonError", Message: wlCut(message)}
		}
		return result, nil
	}
	list := make([]any, len(returned))
	for index, one := range returned {
		list[index] = one.Interface()
	}
	return wlEncoded(list), nil
}

func wlArguments(entry wlReflect.Type, request wlRequest) ([]wlReflect.Value, *wlFailure) {
	count := entry.NumIn()
	if entry.IsVariadic() {
		count--
	}
	values := make([]wlReflect.Value, count)
	for index := range values {
		place := wlReflect.New(entry.In(index))
		if index < len(request.Names) {
			name := request.Names[index]
			if given, there := request.Args[name]; there {
				if err := wlJson.Unmarshal(given, place.Interface()); err != nil {
					message := wlFmt.Sprintf("argument %s: %v", name, err)
					return nil, &wlFailure{Name: "ArgumentError", Message: wlCut(message)}
				}
			}
		}
		values[index] = place.Elem()
	}
	return values, nil
}

func wlPanicked(thrown any, path string) *wlFailure {
	name := "panic"
	if _, ours := thrown.(wlRuntime.Error); ours {
		name = "RuntimeError"
	}
	var kept []string
	lines := wlStrings.Split(string(wlDebug.Stack()), "\n")
	for index := 1; index < len(lines); index++ {
		place := wlStrings.TrimSpace(lines[index])
		at := wlStrings.Index(place, path+":")
		if at < 0 {
			continue
		}
		function, _, _ := wlStrings.Cut(wlStrings.TrimPrefix(lines[index-1], "windmill/inner."), "(")
		where, _, _ := wlStrings.Cut(place[at:], " ")
		kept = append(kept, wlFmt.Sprintf("    at %s (%s)", function, where))
	}
	message := wlFmt.Sprint(thrown)
	stack := ""
	if len(kept) > 0 {
		stack = name + ": " + message + "\n" + wlStrings.Join(kept, "\n")
	}
	return &wlFailure{Name: name, Message: wlCut(message), Stack: wlCut(stack)}
}

// wlNameOf is the type of an error; those that only carry a text have none.
func wlNameOf(thrown error) string {
	for {
		name := wlFmt.Sprintf("%T", thrown)
		if name != "*fmt.wrapError" {
			if name == "*errors.errorString" || name == "*fmt.wrapErrors" {
				return "Error"
			}
			return wlStrings.ReplaceAll(name, "inner.", "")
		}
		thrown = wlErrors.Unwrap(thrown)
	}
}

func wlEncoded(value any) []byte {
	text, err := wlJson.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

func wlCut(text string) string {
	if len(text) > wlTextMax {
		text = text[:wlTextMax] + "..."
	}
	return wlStrings.ToValidUTF8(text, "\uFFFD")
}
