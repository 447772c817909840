// Reads a dashboard as Grafana's own package for dashboards does, strictly: a member that it does
// not know, one of a wrong type and one that Grafana would have to make up are findings, one a
// line. test_grafana.py runs it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

type panel struct {
	Title       string
	Type        string
	Datasource  struct{ Type string }
	FieldConfig json.RawMessage
	Targets     []json.RawMessage
	Panels      []panel // of a row that is collapsed
}

// The package gives errors that are there and say nothing.
func told(at string, err error) (found []string) {
	var many cog.BuildErrors
	if errors.As(err, &many) {
		for _, each := range many {
			found = append(found, at+each.Error())
		}
	} else if err != nil {
		found = append(found, at+err.Error())
	}
	return found
}

// What the package passes over: a panel or a query of a kind that it was not told of may say
// anything, and so may what all panels have of a field's settings.
func passedOver(each panel) (found []string) {
	at := fmt.Sprintf("panel %q: ", each.Title)
	if each.Type == "row" {
		for _, inner := range each.Panels {
			found = append(found, passedOver(inner)...)
		}
		return found
	}
	if _, known := cog.ConfigForPanelcfgVariant(each.Type); !known {
		found = append(found, at+"its type is not looked at: "+each.Type)
	}
	if len(each.Targets) > 0 && each.Datasource.Type != "prometheus" {
		found = append(found, at+"its queries are not looked at: "+each.Datasource.Type)
	}
	var fields dashboard.FieldConfigSource
	return append(found, told(at+"fieldConfig.", fields.UnmarshalJSONStrict(each.FieldConfig))...)
}

func findings(text []byte) []string {
	var board dashboard.Dashboard
	found := told("", board.UnmarshalJSONStrict(text))
	found = append(found, told("", board.Validate())...)
	var raw struct{ Panels []panel }
	found = append(found, told("", json.Unmarshal(text, &raw))...)
	for _, each := range raw.Panels {
		found = append(found, passedOver(each)...)
	}
	return found
}

func main() {
	known := cog.NewRuntime()
	known.RegisterPanelcfgVariant(stat.VariantConfig())
	known.RegisterPanelcfgVariant(statetimeline.VariantConfig())
	known.RegisterPanelcfgVariant(timeseries.VariantConfig())
	known.RegisterDataqueryVariant(prometheus.VariantConfig())

	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	found := findings(text)
	for _, each := range found {
		fmt.Println(each)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
}
