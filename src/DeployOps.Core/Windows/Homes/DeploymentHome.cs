using System.Globalization;

namespace DeployOps.Windows.Homes;

/// <summary>
/// Where windows live: <c>$DEPLOYOPS_HOME</c>, else the XDG state folder, or LocalApplicationData on Windows; below it
/// <c>&lt;service&gt;/&lt;environment&gt;/windows/&lt;id&gt;/</c>.
/// </summary>
/// <param name="Root">The home's full path.</param>
public sealed record DeploymentHome(string Root)
{
    /// <summary>The home of this user and process.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    public static DeploymentHome Find(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (variable("DEPLOYOPS_HOME") is { Length: > 0 } chosen)
        {
            return new DeploymentHome(Path.GetFullPath(chosen));
        }

        if (OperatingSystem.IsWindows())
        {
            return new DeploymentHome(Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.LocalApplicationData), "DeployOps"));
        }

        var state = variable("XDG_STATE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".local", "state");

        return new DeploymentHome(Path.Combine(state, "deployops"));
    }

    /// <summary>The folder of an environment: its locks and windows.</summary>
    public string Environment(string service, string environment) => Path.Combine(Root, service, environment);

    /// <summary>The folder of a window.</summary>
    public string Window(string service, string environment, string id) => Path.Combine(Environment(service, environment), "windows", id);

    /// <summary>The folders of all windows. One that cannot be looked into does not hide the others.</summary>
    /// <exception cref="DeployOpsException"><c>HomeUnreadable</c> where that is the home itself.</exception>
    internal HomeWindows WindowFolders()
    {
        var unreadable = new List<DeployOpsException>();
        var windows = HomeFolder.Folders(Root).SelectMany(Within)
            .SelectMany(environment => Within(Path.Combine(environment, "windows")))
            .Where(folder => Try(() => HomeFolder.Holds(folder, Journal.JournalFile.FileName)))
            .ToList();

        return new HomeWindows(windows, unreadable);

        IReadOnlyList<string> Within(string folder) => Try(() => HomeFolder.Folders(folder)) ?? [];

        T? Try<T>(Func<T> look)
        {
            try
            {
                return look();
            }
            catch (DeployOpsException e)
            {
                unreadable.Add(e);
                return default;
            }
        }
    }

    /// <summary>The id the next window of a release gets: <c>shop-2.4.0-1</c>, then <c>-2</c>, in whatever environment.</summary>
    internal string NextId(string service, string environment, string release)
    {
        var prefix = $"{service}-{release}-";
        // Of all environments, so that a command that names a window means one: typed at night, it must not go back somewhere else.
        var last = HomeFolder.Folders(Path.GetDirectoryName(Environment(service, environment))!)
            .SelectMany(folder => HomeFolder.Folders(Path.Combine(folder, "windows")))
            .Where(folder => HomeFolder.Holds(folder, Journal.JournalFile.FileName))
            .Select(folder => Path.GetFileName(folder))
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .DefaultIfEmpty(0)
            .Max();

        return string.Create(CultureInfo.InvariantCulture, $"{prefix}{last + 1}");
    }
}
