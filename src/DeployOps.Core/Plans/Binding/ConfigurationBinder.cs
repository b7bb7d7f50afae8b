using DeployOps.Backups.Folders;

namespace DeployOps.Plans.Binding;

/// <summary>Binds <c>Configuration</c>.</summary>
internal static class ConfigurationBinder
{
    /// <summary>The folders in order.</summary>
    public static IReadOnlyList<ConfigurationSpec> Bind(PlanSection plan)
    {
        var folders = plan.Tables("Configuration", required: false, ["Name", "Path"])
            .Select(section => (Section: section, Spec: new ConfigurationSpec(section.SafeNameOf("Name") ?? "", section.LiveFolder("Path") ?? "")))
            .ToList();
        folders.ConvertAll(folder => (folder.Section, folder.Spec.Name)).RequireUnique("Name");
        return folders.ConvertAll(folder => folder.Spec);
    }
}
