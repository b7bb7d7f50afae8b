using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using DeployOps.Plans;

namespace DeployOps.Pipeline;

/// <summary>
/// The commands that a script calls by name and that the session it runs in has to bring. What is computed while it runs is not seen: a script that imports a module, names an alias, or dot-sources
/// what is not beside it may get a command from there, and nothing is said of it.
/// </summary>
internal sealed class ScriptCommands
{
    private static readonly HashSet<string> Bringers = new(["Import-Module", "ipmo", "New-Alias", "Set-Alias", "Invoke-Expression", "iex"], StringComparer.OrdinalIgnoreCase);

    private readonly List<CommandAst> calls = [];
    private readonly HashSet<string> functions = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> read = new(StringComparer.Ordinal);
    private bool isOpen;

    /// <summary>The first call of each command that neither the script nor what it dot-sources has.</summary>
    internal static IReadOnlyList<CommandAst> Of(ScriptBlockAst script, string path)
    {
        var commands = new ScriptCommands();
        commands.Collect(script, path);
        return commands.isOpen ? [] : [.. commands.calls.Where(call => !commands.functions.Contains(call.GetCommandName())).DistinctBy(call => call.GetCommandName(), StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Those of them that a session does not know, each with the place where it is called first. Nothing of the script is run.</summary>
    /// <param name="calls">The calls.</param>
    /// <param name="runspace">The session, open and idle.</param>
    internal static IReadOnlyList<PlanError> Unknown(IReadOnlyList<CommandAst> calls, Runspace runspace)
    {
        using var shell = PowerShell.Create();
        shell.Runspace = runspace;
        var unknown = shell.AddScript("""
            param($Names)
            foreach ($name in $Names) {
                $command = $ExecutionContext.InvokeCommand.GetCommand($name, 'All')
                if (-not $command -or ($command.CommandType -eq 'Alias' -and -not $command.ResolvedCommand)) { $name }
            }
            """).AddParameter("Names", calls.Select(call => call.GetCommandName()).ToArray()).Invoke<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);

        return
        [
            .. calls.Where(call => unknown.Contains(call.GetCommandName())).Select(call => new PlanError(
                call.Extent.File ?? "",
                call.Extent.StartLineNumber,
                call.Extent.StartColumnNumber,
                "Deploy",
                $"calls {call.GetCommandName()}, which is no command in the session of a deploy script here: it would fail at the first instance. about_DeployOps_Plan tells what that session has.")),
        ];
    }

    private void Collect(ScriptBlockAst script, string path)
    {
        read.Add(path);
        isOpen |= script.UsingStatements.Count > 0;
        functions.UnionWith(script.FindAll(node => node is FunctionDefinitionAst, searchNestedScriptBlocks: true).Select(node => ((FunctionDefinitionAst)node).Name.Split(':')[^1]));
        foreach (var call in script.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().Where(IsRunHere))
        {
            if (call.InvocationOperator == TokenKind.Dot)
            {
                Follow(call, path);
            }
            else if (call.GetCommandName() is { Length: > 0 } name)
            {
                isOpen |= Bringers.Contains(name);
                if (name.AsSpan().IndexOfAny('/', '\\') < 0)
                {
                    calls.Add(call);
                }
            }
        }
    }

    // A path that begins with $PSScriptRoot and goes on literally, as scripts name what lies beside them.
    private void Follow(CommandAst call, string path)
    {
        var file = call.CommandElements[0] switch
        {
            ExpandableStringExpressionAst { NestedExpressions: [VariableExpressionAst { VariablePath.UserPath: "PSScriptRoot" }] } text => text.Value.Replace("$PSScriptRoot", Path.GetDirectoryName(path), StringComparison.OrdinalIgnoreCase),
            ScriptBlockExpressionAst => null,
            _ => "",
        };
        if (file is null || read.Contains(file))
        {
            // A block is a part of this script.
            return;
        }

        try
        {
            var text = file.Length == 0 ? null : File.ReadAllText(file);
            if (text is not null && ScriptText.Parse(text, file, out var errors) is { } beside && errors.Length == 0)
            {
                Collect(beside, file);
                return;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever runs it may have it; what it brings is not known.
        }

        isOpen = true;
    }

    // What is handed to Invoke-Command runs in another session, most of the time.
    private static bool IsRunHere(CommandAst call)
    {
        for (Ast? above = call.Parent; above is not null; above = above.Parent)
        {
            if (above is CommandAst outer && string.Equals(outer.GetCommandName(), "Invoke-Command", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }
}
