using System.Globalization;

namespace Shop.CommandLine;

/// <summary>A command and its <c>--name value</c> pairs.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, string> _values;

    private CommandArguments(string command, Dictionary<string, string> values)
    {
        Command = command;
        _values = values;
    }

    /// <summary>The first word of the command line.</summary>
    public string Command { get; }

    /// <summary>Reads a command line.</summary>
    /// <exception cref="UsageException">No command, a word that is no option, or an option without a value.</exception>
    public static CommandArguments Parse(string[] args)
    {
        if (args.Length == 0)
        {
            throw new UsageException("name a command: serve, edge, load or setup.");
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var at = 1; at < args.Length; at += 2)
        {
            var name = args[at];
            if (!name.StartsWith("--", StringComparison.Ordinal) || at + 1 == args.Length)
            {
                throw new UsageException($"'{name}': expected --name value.");
            }

            values[name[2..]] = args[at + 1];
        }

        return new CommandArguments(args[0], values);
    }

    /// <summary>An option's text, or null where it was not given.</summary>
    public string? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>The text of an option that the command cannot do without.</summary>
    /// <exception cref="UsageException">The option is missing.</exception>
    public string Text(string name) => Find(name) ?? throw new UsageException($"{Command} needs --{name}.");

    /// <summary>A TCP port, 1 to 65535.</summary>
    /// <exception cref="UsageException">The option is missing or no port.</exception>
    public int Port(string name) => (int)Number(name, null, 1, 65535);

    /// <summary>A number within bounds, which are allowed themselves.</summary>
    /// <exception cref="UsageException">The option is missing without a default, no number, or out of bounds.</exception>
    public double Number(string name, double? fallback, double least, double most)
    {
        if (Find(name) is null && fallback is { } value)
        {
            return value;
        }

        return double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException($"--{name} '{Text(name)}': expected a number from {least} to {most}.");
    }
}
