// OpenTelemetry's own Collector, as small as it gets: OTLP in, JSON of OTLP into a file.
// test_otel_collector.py runs it.
package main

import (
	"context"
	"log"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry"
	"go.uber.org/zap"
)

// It says what it does on standard error, and measures nothing of itself.
func logger(_ context.Context, settings telemetry.LoggerSettings, _ component.Config) (
	*zap.Logger, component.ShutdownFunc, error,
) {
	made, err := settings.BuildZapLogger(zap.NewProductionConfig())
	return made, nil, err
}

func factories() (out otelcol.Factories, err error) {
	out.Telemetry = telemetry.NewFactory(
		func() component.Config { return &struct{}{} }, telemetry.WithCreateLogger(logger))
	if out.Receivers, err = otelcol.MakeFactoryMap(otlpreceiver.NewFactory()); err != nil {
		return out, err
	}
	out.Exporters, err = otelcol.MakeFactoryMap(fileexporter.NewFactory())
	return out, err
}

func main() {
	command := otelcol.NewCommand(otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "otelcol", Version: "0.165.0"},
		Factories: factories,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{
			ResolverSettings: confmap.ResolverSettings{
				DefaultScheme:     "file",
				ProviderFactories: []confmap.ProviderFactory{fileprovider.NewFactory()},
			},
		},
	})
	if err := command.Execute(); err != nil {
		log.Fatal(err)
	}
}
