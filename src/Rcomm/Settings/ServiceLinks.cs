using System.Text.RegularExpressions;

namespace Rcomm.Settings;

/// <summary>
/// The variables that Kubernetes sets in each pod for each Service of the namespace. For a Service named rcomm they start with RCOMM_, and
/// <c>RCOMM_PORT=tcp://10.96.0.9:80</c> would be taken for the listening port.
/// </summary>
internal static partial class ServiceLinks
{
    /// <summary>Removes them. Returns a sentence that says so, or null if there are none.</summary>
    public static string? RemoveFrom(Dictionary<string, string> environment)
    {
        List<string> links = [.. environment.Where(variable => IsLink(variable.Key, variable.Value)).Select(variable => variable.Key)
            .Order(StringComparer.Ordinal)];
        if (links.Count == 0) return null;

        string first = links.Find(name => environment[name].Contains("://", StringComparison.Ordinal)) ?? links[0];
        string others = links.Count switch { 1 => " is", 2 => " and 1 more variable are", _ => $" and {links.Count - 1} more variables are" };
        string sentence = $"{first}={environment[first]}{others} ignored: Kubernetes sets such service links. enableServiceLinks: " +
            "false in the pod's spec turns them off.";
        foreach (string name in links) environment.Remove(name);
        return sentence;
    }

    private static bool IsLink(string name, string value) =>
        name.StartsWith(Setting.VariablePrefix, StringComparison.Ordinal) && ((PortName().IsMatch(name) && Url().IsMatch(value)) || PartName().IsMatch(name));

    [GeneratedRegex("_PORT(_[0-9]+_(TCP|UDP|SCTP))?$")]
    private static partial Regex PortName();

    [GeneratedRegex("^(tcp|udp|sctp)://")]
    private static partial Regex Url();

    // No setting has these names.
    [GeneratedRegex("_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_[0-9]+_(TCP|UDP|SCTP)_(PROTO|PORT|ADDR)$")]
    private static partial Regex PartName();
}
