using DeployOps.Smoke;
using DeployOps.Windows.Homes;

namespace DeployOps.Windows;

/// <summary>
/// Makes the secrets of a window's plan known to a process that has not read that plan: a colleague in another terminal may quote them in a note or a
/// reason.
/// </summary>
internal static class WindowSecrets
{
    /// <summary>Reads the plan in force for the sake of its references and of what its smoke files sign in with. What this process cannot resolve, such as a variable that only the operator's has, stays unknown to it.</summary>
    internal static async Task LearnAsync(DeploymentWindow window, Ports ports)
    {
        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        try
        {
            var facts = session.Facts;
            var files = KeptFiles.ReadAll(window.Folder, facts.Opening.PlanPath, facts.Files);
            if (ports.Plans.ReadKept(facts.Opening.PlanPath, files).Plan is { } plan)
            {
                SmokeCredentials.Learn(plan, files, ports.Redactor);
            }
        }
        catch (DeployOpsException)
        {
            // A plan that cannot be read stops those who act on it, with this very error; a note about it must still be possible.
        }
    }
}
