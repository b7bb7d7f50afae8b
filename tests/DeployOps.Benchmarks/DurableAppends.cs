using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using DeployOps.Journal;
using DeployOps.Secrets;

namespace DeployOps.Benchmarks;

/// <summary>
/// Durable records a second: the journal with its lock, chain and redaction, beside a bare write and fsync of as many bytes to a file that stays open.
/// Bar: one writer reaches 80 % of the bare rate (a ratio of 1.25 or less); steps that run at once share a sync and come below 1.
/// </summary>
[InProcess]
#pragma warning disable CA1001 // The cleanup of each iteration disposes of them.
public class DurableAppends
#pragma warning restore CA1001
{
    private const int Records = 200;
    private const int Steps = 8;

    private readonly JournalEntry entry = new(JournalKind.Intent, "green-1: 2.3.0 -> 2.4.0")
    {
        Phase = Phases.DeploymentPhase.Rollout,
        Target = "deploy/green-1",
        Detail = new JsonObject { ["state"] = "Intended", ["evidence"] = null },
    };

    private DirectoryInfo folder = null!;
    private JournalThread thread = null!;
    private JournalFile journal = null!;
    private FileStream bare = null!;
    private byte[] line = null!;

    [IterationSetup]
    public void Open()
    {
        // Beside the build, on a disk: a temporary folder may be memory.
        folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, $"appends-{Guid.NewGuid():N}"));
        thread = new JournalThread();
        journal = new JournalFile(folder.FullName, thread, new Redactor(), TimeProvider.System);
        journal.AppendAsync(entry).GetAwaiter().GetResult();
        line = File.ReadAllBytes(journal.Path);
        bare = new FileStream(Path.Combine(folder.FullName, "bare"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    }

    [IterationCleanup]
    public void Close()
    {
        thread.Dispose();
        bare.Dispose();
        folder.Delete(recursive: true);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Records)]
    public void WriteAndSync()
    {
        for (var number = 0; number < Records; number++)
        {
            bare.Write(line);
            DurableFile.Sync(bare.SafeFileHandle, bare.Name);
        }
    }

    /// <summary>The same bytes handed to the journal's thread and awaited: what the handing over alone costs on this machine.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public async Task WriteAndSyncOnTheThread()
    {
        for (var number = 0; number < Records; number++)
        {
            await thread.RunAsync(() =>
            {
                bare.Write(line);
                DurableFile.Sync(bare.SafeFileHandle, bare.Name);
                return 0;
            });
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public async Task OneWriter()
    {
        for (var number = 0; number < Records; number++)
        {
            await journal.AppendAsync(entry);
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public Task EightStepsAtOnce() => Task.WhenAll(Enumerable.Range(0, Steps).Select(async _ =>
    {
        for (var number = 0; number < Records / Steps; number++)
        {
            await journal.AppendAsync(entry);
        }
    }));
}
