using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DeployOps.Journal;
using DeployOps.Secrets;
using Microsoft.Win32.SafeHandles;

namespace DeployOps.Benchmarks;

/// <summary>
/// Durable records a second: the journal with its lock, chain and redaction, beside a bare write and fsync of as many bytes to a file that stays open. They run by turns, since what a
/// disk takes for a sync changes within seconds.
/// </summary>
internal static class AppendRace
{
    internal const string Argument = "appends";

    private const int Rounds = 100;
    // Until the runtime has compiled all of it for good.
    private const int WarmUp = 30;
    private const int Records = 200;
    private const int Steps = 8;
    private const double OneWriterBar = 1.25;
    private const double StepsBar = 1;

    private static readonly JournalEntry Entry = new(JournalKind.Intent, "green-1: 2.3.0 -> 2.4.0")
    {
        Phase = Phases.DeploymentPhase.Rollout,
        Target = "deploy/green-1",
        Detail = new JsonObject { ["state"] = "Intended", ["evidence"] = null },
    };

    internal static async Task RunAsync()
    {
        var (bare, onThread, oneWriter, steps) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < WarmUp + Rounds; round++)
        {
            await using var place = await AppendPlace.MakeAsync(Entry);
            bare.Add(await TimeAsync(() => BareAsync(place)));
            oneWriter.Add(await TimeAsync(() => AppendAsync(place, Records)));
            onThread.Add(await TimeAsync(() => OnThreadAsync(place)));
            steps.Add(await TimeAsync(() => Task.WhenAll(Enumerable.Range(0, Steps).Select(_ => AppendAsync(place, Records / Steps)))));
        }

        Tell("write and fsync", bare, bare, bar: null);
        Tell("the same, handed to the journal's thread", onThread, bare, bar: null);
        Tell("one writer of the journal", oneWriter, bare, OneWriterBar);
        Tell($"{Steps} steps at once", steps, bare, StepsBar);
    }

    private static async Task<double> TimeAsync(Func<Task> run)
    {
        var start = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / Records;
    }

    private static Task BareAsync(AppendPlace place)
    {
        for (var number = 0; number < Records; number++)
        {
            place.WriteBare();
        }

        return Task.CompletedTask;
    }

    private static async Task OnThreadAsync(AppendPlace place)
    {
        for (var number = 0; number < Records; number++)
        {
            await place.Thread.RunAsync(place.WriteBare);
        }
    }

    private static async Task AppendAsync(AppendPlace place, int records)
    {
        for (var number = 0; number < records; number++)
        {
            await place.Journal.AppendAsync(Entry);
        }
    }

    // The ratio of each round, so that what changes meanwhile changes both of its sides.
    private static void Tell(string name, List<double> mine, List<double> bare, double? bar)
    {
        var ratios = mine.Zip(bare, (one, other) => one / other).Skip(WarmUp).Order().ToList();
        var ratio = ratios[ratios.Count / 2];
        var judged = bar is { } limit ? string.Create(CultureInfo.InvariantCulture, $", bar {limit:0.00}: {Bar.Judge(ratio <= limit)}") : "";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {Median(mine):0.0} us a record; ratio {ratio:0.00} (half of the rounds {ratios[ratios.Count / 4]:0.00} to {ratios[ratios.Count * 3 / 4]:0.00}){judged}"));
    }

    private static double Median(List<double> runs) => runs.Skip(WarmUp).Order().ElementAt((runs.Count - WarmUp) / 2);

    /// <summary>A journal and a bare file in a folder of their own. Beside the build, on a disk: a temporary folder may be memory.</summary>
    private sealed class AppendPlace : IAsyncDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, $"appends-{Guid.NewGuid():N}"));
        private readonly FileStream bare;
        private readonly SafeFileHandle handle;
        private byte[] line = [];

        private AppendPlace()
        {
            Journal = new JournalFile(folder.FullName, Thread, new Redactor(), TimeProvider.System);
            bare = new FileStream(Path.Combine(folder.FullName, "bare"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            handle = bare.SafeFileHandle;
        }

        internal JournalThread Thread { get; } = new();

        internal JournalFile Journal { get; }

        internal static async Task<AppendPlace> MakeAsync(JournalEntry entry)
        {
            var place = new AppendPlace();
            await place.Journal.AppendAsync(entry);
            place.line = await File.ReadAllBytesAsync(place.Journal.Path);
            return place;
        }

        internal int WriteBare()
        {
            bare.Write(line);
            DurableFile.Sync(handle, bare.Name);
            return line.Length;
        }

        public async ValueTask DisposeAsync()
        {
            Thread.Dispose();
            await bare.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }
}
