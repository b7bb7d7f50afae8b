using DeployOps.Windows;

namespace DeployOps.Pipeline;

/// <summary>Of the windows that come through a pipeline the first, for a command that acts on one: it leaves the others alone and names them.</summary>
internal sealed class FirstWindow
{
    private readonly List<string> others = [];

    /// <summary>The first; null where none came.</summary>
    internal DeploymentWindow? Window { get; private set; }

    /// <summary>One came.</summary>
    /// <returns>Whether it is the first that did.</returns>
    internal bool Takes(DeploymentWindow window)
    {
        if (Window is null)
        {
            Window = window;
            return true;
        }

        if (window.Id != Window.Id && !others.Contains(window.Id))
        {
            others.Add(window.Id);
        }

        return false;
    }

    /// <summary>What is said of the others; null where there are none.</summary>
    /// <param name="cmdlet">Who leaves them alone.</param>
    /// <param name="purpose">What it does, such as <c>complete another one</c>.</param>
    /// <param name="command">The command that does it to a window by its id.</param>
    internal DeployOpsException? Untouched(string cmdlet, string purpose, Func<string, string> command) => others.Count == 0 ? null : new DeployOpsException(
        "OtherWindowsUntouched",
        FaultKind.InvalidOperation,
        $"{cmdlet} acts on one window, the first that came: {Window!.Id}. Not touched: {string.Join(", ", others)}.",
        $"To {purpose} too, name it:")
    { Command = command(others[0]), Target = others.ToArray() };
}
