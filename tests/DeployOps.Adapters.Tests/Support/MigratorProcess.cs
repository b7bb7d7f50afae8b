using System.Diagnostics;
using System.Globalization;

namespace DeployOps.Adapters.Tests.Support;

/// <summary>A process of its own that applies the scripts of a folder, to be killed at a border between statements.</summary>
internal sealed class MigratorProcess : IDisposable
{
    /// <summary>Whether all borders are tried, and not a fixed sample of them.</summary>
    internal static readonly bool IsFull = Environment.GetEnvironmentVariable("DEPLOYOPS_FULL") == "1";

    private readonly Process child;

    private MigratorProcess(Process child) => this.child = child;

    /// <summary>Every border of a script of so many statements: before and after the record of each. Or those of the sample.</summary>
    internal static TheoryData<int, bool> Borders(int statements, params (int Number, bool Before)[] sample)
    {
        var data = new TheoryData<int, bool>();
        foreach (var (number, before) in IsFull ? Enumerable.Range(1, statements).SelectMany(number => new[] { (number, true), (number, false) }) : sample)
        {
            data.Add(number, before);
        }

        return data;
    }

    /// <summary>Starts one. What it connects to holds a password, which is told where nobody can look.</summary>
    internal static MigratorProcess Start(string kind, string folder, string connectionString)
    {
        var started = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "DeployOps.Tests.Child.dll"), "migrate", kind, folder])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        started.StandardInput.WriteLine(connectionString);
        return new MigratorProcess(started);
    }

    /// <summary>Runs one to its end: it has applied everything.</summary>
    internal static async Task ApplyAsync(string kind, string folder, string connectionString)
    {
        using var again = Start(kind, folder, connectionString);
        (await again.AnswerAsync()).ShouldBe("applied");
    }

    /// <summary>What it says when it is done.</summary>
    internal async Task<string> AnswerAsync() => await child.StandardOutput.ReadLineAsync() ?? string.Create(CultureInfo.InvariantCulture, $"the process {child.Id} ended");

    /// <summary>Kills it once it waits where it is to be killed; it must not be done before.</summary>
    internal async Task KillWhenAsync(Task waits)
    {
        var answer = AnswerAsync();
        (await Task.WhenAny(answer, waits)).ShouldBe(waits, answer.IsCompleted ? await answer : "");
        await waits;
        child.Kill();
    }

    public void Dispose()
    {
        child.Kill();
        child.Dispose();
    }
}
