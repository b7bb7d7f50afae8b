using System.Runtime.InteropServices;
using System.Text.Json;
using Shop.CommandLine;

namespace Shop.Load;

/// <summary>Sends requests at a steady rate, whether or not earlier ones have been answered, and reports how many failed.</summary>
internal static class LoadCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(400);
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Sends until the duration is over or SIGTERM arrives; then lets the requests in flight end and writes the last report.</summary>
    /// <exception cref="UsageException">An option is missing, or the address is not on this machine.</exception>
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        var target = ReadTarget(arguments.Text("uri"));
        var rate = arguments.Number("rate", null, 0.1, 1000);
        var duration = TimeSpan.FromSeconds(arguments.Number("duration", 600, 1, 86400));
        var report = Path.GetFullPath(arguments.Text("report"));
        using var stop = new CancellationTokenSource();
        using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var handler = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false };
        using var client = new HttpClient(handler) { BaseAddress = target, Timeout = Patience };
        client.DefaultRequestHeaders.Add("User-Agent", "shop-load");

        var clock = TimeProvider.System;
        var tally = new LoadTally(clock);
        WriteReport(report, tally.Report(finished: false));
        using var ended = new CancellationTokenSource();
        var reporting = ReportAsync(report, tally, clock, ended.Token);
        await Console.Out.WriteLineAsync($"load sends {rate} requests a second to {target}");
        await SendAsync(new Visitors(client, tally), TimeSpan.FromSeconds(1 / rate), duration, clock, stop.Token);
        await ended.CancelAsync();
        await reporting;
        WriteReport(report, tally.Report(finished: true));
        return 0;
    }

    private static Uri ReadTarget(string text) =>
        Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback
            ? uri
            : throw new UsageException($"--uri '{text}': expected an http address of this machine.");

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }

    /// <summary>Sends on a timetable that does not slip: a late tick is caught up with, so that the rate holds.</summary>
    private static async Task SendAsync(Visitors visitors, TimeSpan gap, TimeSpan duration, TimeProvider clock, CancellationToken stopToken)
    {
        var began = clock.GetTimestamp();
        var flying = new HashSet<Task>();
        for (long turn = 0; !stopToken.IsCancellationRequested && clock.GetElapsedTime(began) < duration; turn++)
        {
            var wait = (gap * turn) - clock.GetElapsedTime(began);
            if (wait > TimeSpan.Zero)
            {
                // A stop ends the wait early and is no error.
                await Task.Delay(wait, clock, stopToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stopToken.IsCancellationRequested)
                {
                    break;
                }
            }

            flying.RemoveWhere(task => task.IsCompleted);
            flying.Add(visitors.VisitAsync(turn));
        }

        await Task.WhenAll(flying);
    }

    private static async Task ReportAsync(string path, LoadTally tally, TimeProvider clock, CancellationToken endedToken)
    {
        while (!endedToken.IsCancellationRequested)
        {
            await Task.Delay(ReportInterval, clock, endedToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            WriteReport(path, tally.Report(finished: false));
        }
    }

    private static void WriteReport(string path, LoadReport report)
    {
        var draft = path + ".new";
        File.WriteAllText(draft, JsonSerializer.Serialize(report, Format));
        File.Move(draft, path, overwrite: true);
    }
}
