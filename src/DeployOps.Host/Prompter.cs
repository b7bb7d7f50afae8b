using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace DeployOps.Host;

/// <summary>Asks the person at the terminal, and says clearly what to give instead where there is none.</summary>
/// <param name="terminal">Where the questions appear.</param>
/// <param name="canAsk">False where standard input is no terminal or <c>-NonInteractive</c> was given.</param>
/// <param name="stop">Ends a question that waits for its answer.</param>
internal sealed class Prompter(Terminal terminal, bool canAsk, CancellationToken stop)
{
    private readonly KeyboardReader _keyboard = new(stop);

    /// <summary>One line as typed, empty at the end of input.</summary>
    public string ReadLine()
    {
        RequirePerson("A line of input", "Give the value as a parameter of the script.");
        return _keyboard.ReadLine();
    }

    /// <summary>One line that is not shown.</summary>
    public SecureString ReadSecret()
    {
        RequirePerson("A secret", "Name it in the plan as env:NAME, file:PATH or secret:NAME.");
        var secret = _keyboard.ReadSecret();
        terminal.Write(Environment.NewLine);
        return secret;
    }

    /// <summary>Asks for the value of each field: a command's mandatory parameters.</summary>
    public Dictionary<string, PSObject> Ask(string caption, string message, Collection<FieldDescription> fields)
    {
        RequirePerson(
            $"{string.Join(", ", fields.Select(field => $"'{field.Name}'"))} of {caption}",
            $"Give {string.Join(" and ", fields.Select(field => "-" + field.Name))}.");
        WriteHead(caption, message);
        return fields.ToDictionary(field => field.Name, field => PSObject.AsPSObject(AskField(field)), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Asks for one of several answers until one of them is typed.</summary>
    /// <returns>The answer's index. An empty line takes <paramref name="defaultChoice"/> where that is not -1.</returns>
    public int Choose(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        RequirePerson(
            $"'{string.Join(' ', new[] { caption, message }.Where(part => !string.IsNullOrEmpty(part))).ReplaceLineEndings(" ")}'",
            "Give the parameter that decides it, such as -Confirm:$false for a confirmation.");
        var menu = new ChoiceMenu(choices, defaultChoice);
        WriteHead(caption, message);
        while (true)
        {
            terminal.Write(menu.Prompt);
            var answer = _keyboard.ReadLine().Trim();
            if (answer == "?")
            {
                terminal.Write(menu.Help);
            }
            else if (menu.Match(answer) is int index)
            {
                return index;
            }
        }
    }

    /// <summary>Asks for a user's name, where none is given, and the password.</summary>
    public PSCredential AskCredential(string caption, string message, string? userName)
    {
        RequirePerson("A credential", "Give it as a parameter of the script.");
        WriteHead(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            terminal.Write("User: ");
            userName = _keyboard.ReadLine();
        }

        terminal.Write($"Password for {userName}: ");
        return new PSCredential(userName, ReadSecret());
    }

    private object? AskField(FieldDescription field)
    {
        if (field.ParameterTypeFullName.EndsWith("[]", StringComparison.Ordinal))
        {
            return AskList(field.Name);
        }

        terminal.Write($"{field.Name}: ");
        return field.ParameterTypeFullName switch
        {
            "System.Security.SecureString" => ReadSecret(),
            "System.Management.Automation.PSCredential" => AskCredential(string.Empty, string.Empty, userName: null),
            _ => _keyboard.ReadLine(),
        };
    }

    // Until an empty line. Values stay strings; the parameter's type converts them.
    private object AskList(string name)
    {
        var values = new ArrayList();
        while (true)
        {
            terminal.Write($"{name}[{values.Count}]: ");
            var line = _keyboard.ReadLine();
            if (line.Length == 0)
            {
                return values.ToArray();
            }

            values.Add(line);
        }
    }

    private void WriteHead(string caption, string message)
    {
        foreach (var line in new[] { caption, message }.Where(line => !string.IsNullOrEmpty(line)))
        {
            terminal.Write(line + Environment.NewLine);
        }
    }

    private void RequirePerson(string question, string instead)
    {
        if (!canAsk)
        {
            throw new HostException($"{question} is asked for, and nobody can answer: this run is not interactive. {instead}");
        }

        terminal.HideProgress();
    }
}
