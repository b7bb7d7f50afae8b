using System.Reflection;
using System.Xml.Linq;

namespace DeployOps.Help;

/// <summary>Build tool: the cmdlets' doc comments become the help that <c>Get-Help</c> shows.</summary>
internal static class Program
{
    /// <summary><c>DeployOps.Help module.dll module.xml out.xml</c></summary>
    /// <returns>0; 1 where a cmdlet or a parameter has no doc comment (each is named); 2 where the command line is wrong.</returns>
    public static int Main(string[] args)
    {
        if (args is not [var assemblyPath, var commentsPath, var helpPath])
        {
            Console.Error.WriteLine("Usage: DeployOps.Help module.dll module.xml out.xml");
            return 2;
        }

        var commands = CommandCatalog.Read(Assembly.LoadFrom(Path.GetFullPath(assemblyPath)));
        var comments = new DocComments(XDocument.Load(commentsPath, LoadOptions.PreserveWhitespace));
        var missing = MissingComments.Find(commands, comments);
        foreach (var name in missing)
        {
            // The form that MSBuild shows as an error of the build.
            Console.Error.WriteLine($"{commentsPath} : error HELP001: {name} has no <summary>, so Get-Help would show nothing for it.");
        }

        if (missing.Count > 0)
        {
            return 1;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(helpPath))!);
        MamlWriter.Write(commands, comments).Save(helpPath);
        return 0;
    }
}
