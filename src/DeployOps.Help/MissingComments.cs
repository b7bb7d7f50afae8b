namespace DeployOps.Help;

/// <summary>Finds what a user would ask <c>Get-Help</c> for in vain.</summary>
internal static class MissingComments
{
    /// <summary>The cmdlets and parameters without a summary, by name; empty where all is well.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<CommandDoc> commands, DocComments comments) =>
        commands.SelectMany(command => Find(command, comments)).ToList();

    private static IEnumerable<string> Find(CommandDoc command, DocComments comments)
    {
        if (DocComments.Paragraphs(comments.Of(command.Type), "summary").Count == 0)
        {
            yield return $"{command.Name} ({command.Type.FullName})";
        }

        foreach (var property in command.Parameters.Select(parameter => parameter.Property).OfType<System.Reflection.PropertyInfo>())
        {
            if (DocComments.Paragraphs(comments.Of(property), "summary").Count == 0)
            {
                yield return $"{command.Name} -{property.Name} ({property.DeclaringType?.FullName})";
            }
        }
    }
}
