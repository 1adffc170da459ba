# Evaluates job templates written in ERB as BOSH's director does.
#
# Takes JSON lines on standard input, gives JSON lines on standard output: {"keep", "value"} keeps under a number what
# many templates share and {"forget"} drops all of that, neither is answered; {"job", "templates", "spec", "properties",
# "links", "dns"}, the last three by their numbers, is answered once for each of its templates, which are {"name", "text"},
# by {"text"} or {"line", "message", "names", "of_link"}.
#
# Source of the behaviour: cloudfoundry/bosh src/bosh-common/lib/bosh/common/template/ and
# src/bosh-director/lib/bosh/director/core/templates/, director 283.1.6.

require 'erb'
require 'json'
require 'ostruct'
require 'set'
require 'shellwords'
require 'time'
require 'yaml'

# The director has these loaded, so templates use them without asking.
{
  Base64: 'base64', BigDecimal: 'bigdecimal', CGI: 'cgi', Digest: 'digest', FileUtils: 'fileutils', IPAddr: 'ipaddr',
  Logger: 'logger', Net: 'net/http', OpenSSL: 'openssl', Open3: 'open3', Pathname: 'pathname', Resolv: 'resolv',
  SecureRandom: 'securerandom', StringIO: 'stringio', Tempfile: 'tempfile', URI: 'uri', Zlib: 'zlib'
}.each { |name, path| Object.autoload(name, path) unless Object.const_defined?(name) }

# ActiveSupport's blank?, present? and presence.
class Object
  def blank?
    respond_to?(:empty?) ? !!empty? : !self
  end

  def present?
    !blank?
  end

  def presence
    self if present?
  end
end

class String
  def blank?
    match?(/\A[[:space:]]*\z/)
  end
end

class Numeric
  def blank?
    false
  end
end

# The director's own additions.
class Hash
  def recursive_merge(other)
    merge(other) { |_, old, new| old.instance_of?(Hash) && new.instance_of?(Hash) ? old.recursive_merge(new) : new }
  end
end

class Object
  def to_openstruct
    case self
    when Hash then OpenStruct.new(transform_values(&:to_openstruct))
    when Array then map(&:to_openstruct)
    else self
    end
  end
end

# Empty lists and maps as json 2.8 and later print them; a JSON string never holds a real newline.
module CompactEmpties
  def pretty_generate(*arguments)
    super.gsub(/\[\s*\n\s*\]/, '[]').gsub(/\{\s*\n\s*\}/, '{}')
  end
end
JSON.singleton_class.prepend(CompactEmpties)

module Compleat
  class NotFound < StandardError
    attr_reader :names, :of_link

    def initialize(message, names, of_link: false)
      super(message)
      @names = names
      @of_link = of_link
    end
  end

  # By these names templates rescue them.
  class UnknownProperty < NotFound
    def initialize(names, of_link: false)
      super("Can't find property '#{names}'", Array(names), of_link: of_link)
    end
  end

  class UnknownLink < NotFound
    def initialize(name)
      super("Can't find link '#{name}'", [name])
    end
  end

  def self.lookup(collection, name)
    name.split('.').reduce(collection) do |found, key|
      return nil if found.nil?

      found[key]
    end
  end

  # What p and if_p do, over whatever `values` gives.
  module Properties
    def p(*arguments)
      names = Array(arguments[0])
      names.each do |name|
        value = Compleat.lookup(values, name)
        return value unless value.nil?
      end
      return arguments[1] if arguments.length == 2

      raise UnknownProperty.new(names, of_link: !is_a?(EvaluationContext))
    end

    def if_p(*names)
      found = names.map { |name| Compleat.lookup(values, name) }
      return Otherwise.new(self) if found.any?(&:nil?)

      yield(*found)
      Done.new
    end

    # Errors must not print what a template sees.
    def inspect
      "#<#{self.class.name.split('::').last}>"
    end
    alias to_s inspect
  end

  # After a condition that did not hold.
  class Otherwise
    def initialize(context)
      @context = context
    end

    def else
      yield
    end

    def else_if_p(*names, &block)
      @context.if_p(*names, &block)
    end

    def else_if_link(name, &block)
      @context.if_link(name, &block)
    end
  end

  # After a condition that held.
  class Done
    def else; end

    def else_if_p(*_names)
      Done.new
    end

    def else_if_link(_name)
      Done.new
    end
  end

  # What templates share is frozen; each gets a copy of what it looks at, which it may change.
  def self.frozen(value)
    case value
    when Hash then value.each_value { |member| frozen(member) }
    when Array then value.each { |member| frozen(member) }
    end
    value.freeze
  end

  def self.thawed(value)
    case value
    when String then +value
    when Hash then value.transform_values { |member| thawed(member) }
    when Array then value.map { |member| thawed(member) }
    else value
    end
  end

  # Copies each field when it is first asked for: a link may have thousands of instances, seen by as many templates.
  class LinkInstance
    include Properties

    def initialize(fields)
      @fields = fields
    end

    # Each is text or null.
    def name
      @name ||= @fields['name']&.+@
    end

    def id
      @id ||= @fields['id']&.+@
    end

    def az
      @az ||= @fields['az']&.+@
    end

    def address
      @address ||= @fields['address']&.+@
    end

    def properties
      @properties ||= Compleat.thawed(@fields['properties'])
    end

    # Numbers, booleans and null: nothing to copy.
    def index
      @fields['index']
    end

    def bootstrap
      @fields['bootstrap']
    end

    private

    def values
      properties
    end
  end

  class Link
    include Properties
    attr_reader :instances, :properties

    def initialize(fields, dns)
      @fields = fields
      @dns = dns
      @properties = Compleat.thawed(fields['properties'])
      @instances = fields['instances'].map { |instance| LinkInstance.new(instance) }
    end

    # A link written by hand has the address that stands there; "" is none.
    def address(criteria = {})
      return own_address if @fields.key?('address')
      return short_address(criteria) if @fields['use_short_dns_addresses'] || @fields['use_link_dns_names']

      labels = %w[instance_group default_network deployment_name].map { |key| canonical(@fields.fetch(key)) }
      ["q-#{criteria_label(criteria)}", *labels, @fields.fetch('domain')].join('.')
    end

    private

    def values
      @properties
    end

    def own_address
      address = @fields['address']
      raise 'The link has no address; use those of its instances' if address.to_s.empty?

      Compleat.thawed(address)
    end

    def short_address(criteria)
      kind, name = @fields['use_link_dns_names'] ? %w[link group_name] : %w[instance-group instance_group]
      group = @dns.fetch('groups').fetch("#{@fields.fetch('deployment_name')}/#{kind}/#{@fields.fetch(name)}")
      network = @dns.fetch('networks').fetch(@fields.fetch('default_network'))
      "q-#{criteria_label(criteria, ["n#{network}"])}.q-g#{group}.#{@fields.fetch('domain')}"
    end

    def criteria_label(criteria, others = [])
      parts = (criteria[:azs] || []).map do |az|
        "a#{@dns.fetch('azs').fetch(az) { raise "Unknown AZ: '#{az}'" }}"
      end
      parts.concat(others)
      parts << { 'synchronous' => 'y1', 'asynchronous' => 'y0' }[criteria[:initial_health_check]]
      parts << "s#{{ 'healthy' => 3, 'unhealthy' => 1, 'all' => 4 }.fetch(criteria[:status], 0)}"
      parts.compact.sort.join
    end

    def canonical(name)
      name.downcase.tr('_', '-').gsub(/[^a-z0-9-]/, '')
    end
  end

  # An OpenStruct whose methods(false) are its keys, as the director's is.
  class SpecStruct < OpenStruct
    def methods(regular = true)
      regular ? super : marshal_dump.keys.map(&:to_sym)
    end
  end

  # The instance's own spec at once; the properties and links in it, which may be long, when a template looks there.
  class Spec < SpecStruct
    LATER = %i[properties links].freeze

    def initialize(own, &later)
      super(own)
      @later = later
    end

    %i[[] []= dig].each do |name|
      define_method(name) do |*arguments|
        complete if LATER.include?(arguments[0].to_s.to_sym)
        super(*arguments)
      end
    end

    %i[to_h each_pair == eql? hash inspect to_s marshal_dump methods delete_field freeze].each do |name|
      define_method(name) do |*arguments, &block|
        complete
        super(*arguments, &block)
      end
    end

    def respond_to_missing?(name, *)
      LATER.include?(name.to_s.delete_suffix('=').to_sym) || super
    end

    private

    def method_missing(name, *arguments)
      return super unless @later && LATER.include?(name.to_s.delete_suffix('=').to_sym)

      complete
      public_send(name, *arguments)
    end

    def complete
      later, @later = @later, nil
      later&.call&.each { |name, value| self[name] = value }
    end
  end

  class EvaluationContext
    include Properties
    attr_reader :name, :index, :raw_properties

    def initialize(own, shared)
      @name = Compleat.thawed(own['name'])
      @index = own['index']
      @own = own
      @raw_properties = Compleat.thawed(shared['properties'])
      @links = shared['links']
      @dns = shared['dns']
    end

    def properties
      @properties ||= structure(@raw_properties, OpenStruct)
    end

    def spec
      @spec ||= Spec.new(@own.transform_values { |value| structure(Compleat.thawed(value), SpecStruct) }) do
        { 'properties' => @raw_properties, 'links' => Compleat.thawed(@links) }
          .transform_values { |value| structure(value, SpecStruct) }
      end
    end

    def get_binding
      binding
    end

    def link(name)
      fields = Compleat.lookup(@links, name)
      raise UnknownLink.new(name) if fields.nil? || !fields.key?('instances')

      Link.new(fields, @dns)
    end

    def if_link(name)
      fields = Compleat.lookup(@links, name)
      return Otherwise.new(self) if fields.nil? || !fields.key?('instances')

      yield Link.new(fields, @dns)
      Done.new
    end

    private

    def values
      @raw_properties
    end

    def structure(value, kind)
      case value
      when Hash then kind.new(value.transform_values { |member| structure(member, kind) })
      when Array then value.map { |member| structure(member, kind) }
      else value
      end
    end
  end

  def self.line_of(error, file)
    places = (error.backtrace || []) + error.message.lines
    place = places.find { |line| line.start_with?("#{file}:") }
    place ? place.delete_prefix("#{file}:").to_i : 0
  end

  MOST_COMPILED = 4096

  # Templates by file and text, compiled once for all instances; evaluating one does not change it.
  class Compiled
    def initialize
      @templates = {}
    end

    def of(file, text)
      @templates.clear if @templates.size >= MOST_COMPILED
      @templates[[file, text]] ||= ERB.new(text, trim_mode: '-').tap { |erb| erb.filename = file }
    end
  end

  # Each template gets a context of its own, so that what one changes another does not see.
  def self.render(request, template, kept, compiled)
    file = File.join(request['job'], template['name'])
    erb = compiled.of(file, template['text'])
    shared = %w[properties links dns].to_h { |name| [name, kept.fetch(request[name])] }
    { text: erb.result(EvaluationContext.new(request['spec'], shared).get_binding) }
  rescue Exception => e # rubocop:disable Lint/RescueException -- a template may raise anything, exit included
    { line: line_of(e, file), message: e.message.to_s.scrub, names: e.is_a?(NotFound) ? e.names : [],
      of_link: e.is_a?(NotFound) && e.of_link }
  end

  # What templates print must not reach the answers.
  def self.serve
    answers = $stdout.dup
    $stdout.reopen($stderr)
    kept = {}
    compiled = Compiled.new
    answers.puts(JSON.generate({ ready: true }))
    answers.flush
    $stdin.each_line do |line|
      request = JSON.parse(line)
      next kept.clear if request.key?('forget')
      next kept[request['keep']] = frozen(request['value']) if request.key?('keep')

      frozen(request['spec'])
      request['templates'].each do |template|
        answers.puts(JSON.generate(render(request, template, kept, compiled)))
        answers.flush
      end
    end
  end
end

# Where the director has these errors, now and formerly.
module Bosh
  Template = Compleat

  module Common
    Template = Compleat
  end
end

Compleat.serve
