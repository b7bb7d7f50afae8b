using System.Diagnostics;

namespace DeployOps.Core.Tests.Support;

/// <summary>A process of DeployOps.Tests.Child, ended with the test.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process process;

    private Child(Process process) => this.process = process;

    /// <summary>The file that dotnet runs.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "DeployOps.Tests.Child.dll");

    /// <summary>Its process id.</summary>
    public int Id => process.Id;

    /// <summary>Starts it on a job.</summary>
    public static Child Start(params string[] job)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. job]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        return new Child(Process.Start(start)!);
    }

    /// <summary>Runs a program, such as one that starts the child, to its end.</summary>
    public static async Task<(int Exit, string Output)> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var run = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (run.ExitCode, await output + await errors);
    }

    /// <summary>Tells it a line.</summary>
    public Task TellAsync(string line) => process.StandardInput.WriteLineAsync(line);

    /// <summary>Its next line.</summary>
    public async Task<string> AnswerAsync() =>
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience.Longest) ?? throw new EndOfStreamException("the child ended");

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
