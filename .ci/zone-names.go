// Writes src/policy/builtins/time/zone-names.json from the time zones that come with Go:
//
//	go run .ci/zone-names.go > src/policy/builtins/time/zone-names.json
package main

import (
	"archive/zip"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"time"
)

// What a name says by itself, such as +0530.
func numeric(offset int) string {
	sign := "+"
	if offset < 0 {
		sign, offset = "-", -offset
	}
	text := fmt.Sprintf("%s%02d", sign, offset/3600)
	if offset%3600 != 0 {
		text += fmt.Sprintf("%02d", offset/60%60)
	}
	if offset%60 != 0 {
		text += fmt.Sprintf("%02d", offset%60)
	}
	return text
}

// The names of a zone in the order of time: NAME±OFFSET, with @TIME where the offset had another name before.
func names(zone *time.Location) string {
	known, events := map[int]string{}, []string{}
	for at, last := time.Unix(0, math.MinInt64).In(zone), time.Unix(0, math.MaxInt64); ; {
		name, offset := at.Zone()
		before, seen := known[offset]
		if !seen {
			before = numeric(offset)
		}
		if name != before {
			event := fmt.Sprintf("%s%+d", name, offset)
			if seen {
				event += fmt.Sprintf("@%d", at.Unix())
			}
			events = append(events, event)
		}
		known[offset] = name
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(last) {
			return strings.Join(events, " ")
		}
		if !end.After(at) { // So it is on the last day of a leap year, for Go.
			end = at.Add(25 * time.Hour)
		}
		at = end
	}
}

func main() {
	archive, err := zip.OpenReader(runtime.GOROOT() + "/lib/time/zoneinfo.zip")
	if err != nil {
		panic(err)
	}
	zones, order := map[string][]string{}, []string{}
	for _, file := range archive.File {
		if strings.HasSuffix(file.Name, "/") || file.Name == "Factory" {
			continue
		}
		reader, err := file.Open()
		if err != nil {
			panic(err)
		}
		data, err := io.ReadAll(reader)
		if err != nil {
			panic(err)
		}
		zone, err := time.LoadLocationFromTZData(file.Name, data)
		if err != nil {
			panic(err)
		}
		text := names(zone)
		if zones[text] == nil {
			order = append(order, text)
		}
		zones[text] = append(zones[text], file.Name)
	}
	for at, text := range order {
		before := ","
		if at == 0 {
			before = "{"
		}
		fmt.Printf("%s\n  %q: %q", before, strings.Join(zones[text], " "), text)
	}
	fmt.Println("\n}")
}
