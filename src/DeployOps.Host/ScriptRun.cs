using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace DeployOps.Host;

/// <summary>Runs one script to its end, with the module loaded.</summary>
internal sealed class ScriptRun(Terminal terminal, StopSignals signals)
{
    /// <summary>Runs the script as a file of its own in the global scope, as <c>pwsh -File</c> does.</summary>
    /// <param name="options">The script and its arguments.</param>
    /// <param name="manifest">The module to import first.</param>
    /// <returns>The process's exit code.</returns>
    public async Task<int> RunAsync(HostOptions options, string manifest)
    {
        var canAsk = terminal.InputIsTerminal && !options.NonInteractive;
        var userInterface = new RunbookUserInterface(terminal, new Prompter(terminal, canAsk, signals.Token));
        var host = new RunbookHost(userInterface, terminal);
        using var runspace = RunspaceFactory.CreateRunspace(host, RunspaceFoundation.Create(manifest));
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();

        var import = new Command(@"Microsoft.PowerShell.Core\Import-Module");
        import.Parameters.Add("Name", manifest);
        import.Parameters.Add("Global");
        import.Parameters.Add("ErrorAction", ActionPreference.Stop);
        var failed = await InvokeAsync(runspace, import, userInterface);
        if (failed is null)
        {
            EngineExit.LeaveWithScript(runspace);
            failed = await InvokeAsync(runspace, ScriptCommand(options), userInterface);
        }

        return failed ?? host.RequestedExitCode ?? ExitCodes.Success;
    }

    private static Command ScriptCommand(HostOptions options)
    {
        var command = new Command(options.ScriptPath, isScript: false, useLocalScope: false);
        foreach (var parameter in ScriptArguments.Bind(options.Arguments))
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>Null where the command came to its end, else the exit code that says how it did not.</summary>
    private async Task<int?> InvokeAsync(Runspace runspace, Command command, RunbookUserInterface userInterface)
    {
        using var shell = PowerShell.Create(runspace);
        shell.Commands.AddCommand(command).AddCommand(new Command("Out-Default")
        {
            // Errors in their place among the results; and only so does the engine leave a native command's standard error alone.
            MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output,
        });

        using var input = new PSDataCollection<PSObject>();
        input.Complete();
        try
        {
            var running = shell.InvokeAsync(input);
            await using var stopping = signals.Token.Register(() => shell.BeginStop(callback: null, state: null));
            await running;
            return null;
        }
        catch (PipelineStoppedException) when (signals.ExitCode is not null)
        {
            return signals.ExitCode;
        }
        catch (RuntimeException exception)
        {
            userInterface.WriteErrorLine(ErrorText.Format(exception));
            return ExitCodes.Failed;
        }
    }
}
